/**
 * The front parser against the general parser of the runtime, on generated traffic: what our handler sees must be what
 * the other one sees, in order, up to where ours refuses or closes. Never anything else: that would be smuggling.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { WireRequest } from '@coffer/server/contracts/wire.ts';
import { type Bed, plain, startBed } from '../http/bed.ts';
import { type Dice, seededDice } from './http-dice.ts';
import { standIns, type Traffic, traffic } from './http-traffic.ts';

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 4000);
const seed = Number(process.env['FUZZ_SEED'] ?? 0x5eed);
const together = 16;

/** What a handler saw, in a form both sides can be brought to. */
interface Sight {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly fields: string;
}

const names = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'x-vault-token',
  'x-twice',
  'x-empty',
  'x-space',
  'x-high',
];
names.push(
  'accept',
  'cookie',
  'expect',
  'upgrade',
  'trailer',
  'folded',
  'x-nul',
  'x-cr',
  'x-lf',
  "x-!#$%&'*+-.^_`|~",
  'content-type',
);

/** Requests by the port of the client's end: each round has its own connection. */
const oursSaw = new Map<number, Sight[]>();
const generalSaw = new Map<number, Sight[]>();
let bed: Bed;
let general: Server;

before(async () => {
  bed = await startBed({
    handle: async request => {
      const body = Buffer.from(await request.body(1_000_000)).toString('latin1');
      oursSaw.get(request.peer.port)?.push(sightOf(request, body));
      return plain('ok');
    },
  });
  general = createServer({ requireHostHeader: true }, recordGeneral);
  Object.assign(general, { httpAllowHalfOpen: true });
  general.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>(resolve => general.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  general.close();
  general.closeAllConnections();
  const closed = bed.server.close(0);
  bed.clock.turn(1000);
  await closed;
});

function sightOf(request: WireRequest, body: string): Sight {
  const fields = JSON.stringify(names.map(name => request.headers.get(name)));
  return { method: request.method, target: renamed(request.rawTarget), body: renamed(body), fields };
}

function recordGeneral(message: IncomingMessage, response: { end(text: string): void }): void {
  const port = message.socket.remotePort ?? 0;
  let body = '';
  message.on('data', (piece: Buffer) => {
    body += piece.toString('latin1');
  });
  message.on('error', () => {});
  message.on('end', () => {
    const method = standIns.find(pair => pair[1] === message.method)?.[0] ?? message.method ?? '';
    const fields = JSON.stringify(names.map(name => joined(message.rawHeaders, name)));
    generalSaw.get(port)?.push({ method, target: renamed(message.url ?? ''), body: renamed(body), fields });
    response.end('ok');
  });
}

/** The stand-ins back to what they stand for; of one that the end of a body cut through, nothing on either side. */
const renamed = (text: string): string =>
  standIns
    .reduce((changed, [ours, stand]) => changed.replaceAll(stand, ours), text)
    .replaceAll(/^[LISTNKCAO]{1,3}(?![A-Z])|(?<![A-Z])[LISTNKCAO]{1,3}$/g, '');

function joined(raw: readonly string[], name: string): string | undefined {
  const values = raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
  return values.length === 0 ? undefined : values.join(', ');
}

interface Side {
  readonly port: number;
  readonly saw: Map<number, Sight[]>;
}

/** Sends the bytes in the pieces asked for, closes its side, and resolves when the server closed the other. */
function exchange({ port, saw }: Side, bytes: string, cuts: readonly number[]): Promise<Sight[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let seen: Sight[] = [];
    let mine = 0;
    const over = (): void => {
      saw.delete(mine);
      resolve(seen);
    };
    socket.on('connect', () => {
      mine = socket.localPort ?? 0;
      seen = [];
      saw.set(mine, seen);
      send(0, 0).catch(reject);
    });
    const send = async (from: number, cut: number): Promise<void> => {
      const to = cuts[cut] ?? bytes.length;
      if (to > from) socket.write(bytes.slice(from, to), 'latin1');
      if (cut >= cuts.length) return void socket.end();
      await new Promise(done => setImmediate(done));
      await send(to, cut + 1);
    };
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', over);
  });
}

async function compare(sent: Traffic, where: string): Promise<number> {
  const { port } = general.address() as AddressInfo;
  const [ours, theirs] = await Promise.all([
    exchange({ port: bed.server.port, saw: oursSaw }, sent.ours, sent.cuts),
    exchange({ port, saw: generalSaw }, sent.general, sent.cuts),
  ]);
  const shown = `${where}\n${JSON.stringify(sent.ours)}`;
  assert.ok(ours.length <= theirs.length, `${shown}\nonly ours saw ${JSON.stringify(ours.at(-1))}`);
  assert.deepEqual(ours, theirs.slice(0, ours.length), shown);
  if (sent.isPlain) assert.equal(ours.length, sent.requests, `${shown}\nours refused what is plain`);
  return ours.length;
}

async function run(dice: Dice): Promise<{ accepted: number; refused: number }> {
  let accepted = 0;
  for (let round = 0; round < rounds; round += together) {
    const batch = Array.from({ length: together }, (_, index) =>
      compare(traffic(dice), `seed ${seed}, round ${round + index}`),
    );
    accepted += (await Promise.all(batch)).filter(seen => seen > 0).length;
  }
  return { accepted, refused: rounds - accepted };
}

test('the handler never sees what the general parser does not see', { timeout: 300_000 }, async () => {
  const { accepted, refused } = await run(seededDice(seed));
  assert.ok(accepted > rounds / 4 && refused > rounds / 20, `accepted ${accepted}, refused ${refused}`);
});
