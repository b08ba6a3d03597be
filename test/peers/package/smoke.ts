/**
 * What the command must do in whatever form it is shipped: each part that is loaded late, each thread, and the hygiene
 * of a process that holds keys. A suite of its own because every form has its own way to leave something out.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCoffer } from '../cli-run.ts';
import { connectionsTo } from '../many-connections.ts';
import { newFolder, type ServerProcess, startDevServer, startFreshServer, startServer } from '../server.ts';

interface Made {
  readonly unseal_keys_b64: readonly string[];
  readonly root_token: string;
}

type Coffer = (args: readonly string[], input?: string) => Promise<string>;

/** Stopped whatever happens: a server that is left running keeps the whole file from ending. */
const stopAfter = (context: TestContext, server: ServerProcess): ServerProcess => {
  context.after(() => server.stop());
  return server;
};

const folderFor = (context: TestContext): string => {
  const folder = newFolder();
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const threadsConformance = (name: string, program: () => string): void => {
  test(`${name}: threads beside the main one answer as well`, async context => {
    const folder = folderFor(context);
    const args = ['-embedded', `-data=${folder}/data`, '-listen=127.0.0.1:0', '-request-threads=3'];
    const ready = /running at (http:\/\/[^\s]+)/;
    const server = stopAfter(context, await startServer({ program: program(), args, folder, ready }));
    const token = readFileSync(path.join(folder, 'data/root-token'), 'utf8').trim();
    const connections = connectionsTo(server.address);
    for (let round = 0; round < 5; round++) {
      const answers = await connections.everywhere('LIST', 'auth/token/accessors', token);
      assert.ok(answers.every(({ status }) => status === 200));
    }
    connections.close();
    assert.equal(await server.stop(), 0);
  });
};

/** `program` is asked for when the tests run: it may be made before them. */
export const smokeConformance = (name: string, program: () => string): void => {
  const cofferIn =
    (home: string, env: { readonly [name: string]: string }): Coffer =>
    async (args, input = '') => {
      const ended = await runCoffer(args, { home, env, input, program: program() });
      assert.equal(ended.code, 0, `coffer ${args.join(' ')}: ${ended.err}`);
      return ended.out;
    };

  test(`${name}: a server in memory keeps a secret`, async context => {
    const server = stopAfter(context, await startDevServer(program()));
    const coffer = cofferIn(folderFor(context), { COFFER_ADDR: server.address, COFFER_TOKEN: 'root' });
    await coffer(['kv', 'put', 'secret/app', 'password=-'], 'correct horse');
    assert.equal(await coffer(['kv', 'get', '-field=password', 'secret/app']), 'correct horse');
    assert.match(await coffer(['kv', 'get', '-format=yaml', 'secret/app']), /password: correct horse/);
    assert.equal(
      await coffer(['run', '-env=PW=secret/app#password', '--', 'sh', '-c', 'echo "$PW"']),
      'correct horse\n',
    );
    assert.equal(await server.stop(), 0);
  });

  test(`${name}: a server keeps its store in a file, and copies it: both threads are there`, async context => {
    const folder = folderFor(context);
    const first = stopAfter(context, await startFreshServer(folder, program()));
    const stranger = cofferIn(folder, { COFFER_ADDR: first.address });
    const shares = ['-key-shares=1', '-key-threshold=1', '-format=json'];
    const made = JSON.parse(await stranger(['operator', 'init', ...shares])) as Made;
    const [key = ''] = made.unseal_keys_b64;
    const coffer = cofferIn(folder, { COFFER_ADDR: first.address, COFFER_TOKEN: made.root_token });
    await coffer(['operator', 'unseal', key]);
    await coffer(['secrets', 'enable', '-path=own', '-version=2', 'kv']);
    await coffer(['kv', 'put', 'own/app', 'password=-'], 'correct horse');
    const snapshot = path.join(folder, 'snapshot');
    await coffer(['operator', 'raft', 'snapshot', 'save', snapshot]);
    assert.ok(statSync(snapshot).size > 1000);
    assert.equal(await first.stop(), 0);
    const second = stopAfter(context, await startFreshServer(folder, program()));
    const again = cofferIn(folder, { COFFER_ADDR: second.address, COFFER_TOKEN: made.root_token });
    await again(['operator', 'unseal', key]);
    assert.equal(await again(['kv', 'get', '-field=password', 'own/app']), 'correct horse');
    assert.equal(await second.stop(), 0);
  });

  threadsConformance(name, program);

  test(`${name}: the parts that are loaded only where they are asked for are there`, async context => {
    const coffer = cofferIn(folderFor(context), {});
    assert.match(await coffer(['version']), /^Coffer v\d+\.\d+\.\d+/);
    assert.match(await coffer(['operator', 'manifests']), /kind: Deployment/);
    assert.match(await coffer(['server', '-help']), /-config/);
    for (const part of ['dev', 'doctor', 'import', 'export']) assert.match(await coffer([part, '-help']), /Usage:/);
  });

  test(`${name}: SIGUSR1 opens no debugger, and a core dump would hold no memory`, async context => {
    const server = stopAfter(context, await startDevServer(program()));
    process.kill(server.pid, 'SIGUSR1');
    const { status } = await fetch(`${server.address}/v1/sys/health`);
    assert.equal(status, 200);
    assert.doesNotMatch(server.said(), /Debugger listening/);
    if (process.platform === 'linux')
      assert.match(readFileSync(`/proc/${server.pid}/coredump_filter`, 'utf8'), /^0+\n$/);
  });
};
