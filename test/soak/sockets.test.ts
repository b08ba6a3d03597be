/**
 * Connections that are opened, used, and left in every phase there is, over real sockets in front of the whole core: nothing of
 * them may be left, neither handles of the process nor what the store holds for them.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type TestContext, test } from 'node:test';
import { withCors } from '../../packages/server/src/core/request/cors.ts';
import { pipeline } from '../../packages/server/src/core/request/pipeline.ts';
import { type HttpServer, startHttp } from '../../packages/server/src/http/server.ts';
import { type Bed, openBed } from '../core/bed.ts';
import { alive } from './alive.ts';

interface Scene {
  readonly bed: Bed;
  readonly server: HttpServer;
}

const opened = async ({ server }: Scene): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

const head = (line: string, { bed }: Scene, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${bed.rootToken}\r\n${more}\r\n`;

/** Until something has come. */
const hears = (socket: Socket): Promise<unknown> => once(socket, 'data');

const body = JSON.stringify({ data: { k: 'v'.repeat(50_000) } });
const announced = `Content-Length: ${body.length}\r\n`;
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** How far each goes before it is left. */
const phases: { readonly [name: string]: (socket: Socket, scene: Scene) => Promise<unknown> } = {
  'nothing is sent': async () => undefined,
  'half a head': async (socket, scene) => socket.write(head('GET /v1/sys/mounts', scene).slice(0, 40)),
  'a head that is none': async socket => {
    socket.write('no head at all\r\n\r\n');
    await hears(socket);
  },
  'half a body': async (socket, scene) =>
    socket.write(head('POST /v1/secret/data/a', scene, announced) + body.slice(0, 99)),
  'half a body in chunks': async (socket, scene) =>
    socket.write(`${head('POST /v1/secret/data/a', scene, 'Transfer-Encoding: chunked\r\n')}400\r\nhalf`),
  'a body that is waited for': async (socket, scene) => {
    socket.write(head('POST /v1/secret/data/a', scene, `${announced}Expect: 100-continue\r\n`));
    await hears(socket);
  },
  'a request, its answer not waited for': async (socket, scene) => socket.write(head('GET /v1/sys/mounts', scene)),
  'many requests at once': async (socket, scene) => socket.write(head('GET /v1/sys/mounts', scene).repeat(30)),
  'an answer, and the connection is kept': async (socket, scene) => {
    socket.write(head('GET /v1/sys/mounts', scene));
    await hears(socket);
  },
  'a long answer that nobody reads': async (socket, scene) => {
    socket.pause();
    socket.write(head('GET /v1/secret/data/long', scene).repeat(50));
  },
  'a stream of events': async (socket, scene) => {
    socket.write(head('GET /v1/sys/events/subscribe/*', scene));
    await hears(socket);
  },
  'a WebSocket of events': async (socket, scene) => {
    socket.write(head('GET /v1/sys/events/subscribe/*', scene, upgrade));
    await hears(socket);
  },
  'a follower of the log': async (socket, scene) => {
    socket.write(head('GET /v1/sys/monitor', scene));
    await pause(1);
  },
};

const ways: readonly ((socket: Socket) => unknown)[] = [
  socket => socket.destroy(),
  socket => socket.resetAndDestroy(),
  async socket => {
    socket.resume();
    socket.end();
    await pause(5);
    socket.destroy();
  },
];

const connectionsAtOnce = 4;

const round = async (scene: Scene): Promise<void> => {
  for (const go of Object.values(phases))
    for (const leave of ways)
      await Promise.all(
        Array.from({ length: connectionsAtOnce }, async () => {
          const socket = await opened(scene);
          await go(socket, scene);
          await leave(socket);
        }),
      );
};

const handles = (): readonly string[] =>
  process
    .getActiveResourcesInfo()
    .filter(name => name !== 'Timeout' && name !== 'Immediate')
    .toSorted();

const isQuiet = ({ core }: Bed): boolean =>
  core.inFlight.count === 0 && core.events.count === 0 && handles().every(name => !name.startsWith('TCPSocket'));

/** What was left is gone within a moment; the ceiling only ends a run that is broken. */
const settled = async ({ bed }: Scene): Promise<void> => {
  for (let left = 500; left > 0 && !isQuiet(bed); left--) {
    await bed.clock.advance(200);
    await pause(10);
  }
  assert.deepEqual(
    [
      bed.core.inFlight.list().map(({ path }) => path),
      bed.core.events.count,
      handles().filter(name => name.startsWith('TCPSocket')),
    ],
    [[], 0, []],
  );
  for (let second = 0; second < 120; second++) await bed.clock.advance(1000);
};

const begin = async (context: TestContext): Promise<Scene> => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/long', { data: { k: 'v'.repeat(500_000) } });
  const server = await startHttp({
    listen: { address: { host: '127.0.0.1', port: 0 } },
    handle: withCors(pipeline(bed.core), bed.core.cors),
    clock: bed.clock,
    log: bed.core.log,
    limits: {},
  });
  context.after(async () => {
    const closed = server.close(0);
    await bed.clock.advance(2000);
    await closed;
  });
  return { bed, server };
};

const state = ({ bed }: Scene) => {
  bed.logged.length = 0;
  bed.audited.length = 0;
  return { handles: handles(), timers: bed.clock.timers };
};

test('connections that are left in every phase leave nothing behind', async context => {
  const scene = await begin(context);
  for (let warm = 0; warm < 2; warm++) await round(scene).then(() => settled(scene));
  alive();
  const [stateBefore, before] = [state(scene), alive()];
  const rounds = 4;
  for (let at = 0; at < rounds; at++) await round(scene).then(() => settled(scene));
  const [stateAfter, after] = [state(scene), alive()];
  assert.deepEqual(stateAfter, stateBefore);
  const connections = rounds * connectionsAtOnce * ways.length * Object.keys(phases).length;
  for (const name of ['objects', 'functions', 'waiting', 'maps', 'sets'] as const)
    assert.ok(
      after[name] - before[name] < connections / 8,
      `${name}: ${before[name]}, ${connections} connections later ${after[name]}`,
    );
  context.diagnostic(`${JSON.stringify(before)}, ${connections} connections later ${JSON.stringify(after)}`);
});
