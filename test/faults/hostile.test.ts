/** S26 on a real server: somebody who holds its disk puts yesterday's files in place of today's. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Ended, runCoffer } from '../peers/cli-run.ts';
import { newFolder, type ServerProcess, startServer } from '../peers/server.ts';

const settleLimitMs = 30_000;

const configure = (folder: string, threads: number): void => {
  for (const name of ['data', 'kept', 'elsewhere']) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, 'seal.key'), randomBytes(32), { mode: 0o600 });
  writeFileSync(
    path.join(folder, 'coffer.hcl'),
    `${threads === 1 ? '' : `request_threads = ${threads}\n`}listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
}
storage "sqlite" {
  path = "${folder}/data/store.db"
}
seal "static" {
  current_key_id = "test"
  current_key = "file://${folder}/seal.key"
}
anchor "file" {
  path = "${folder}/elsewhere/anchor"
  max_lag = "100ms"
}
`,
  );
};

/** The store's own files, of whatever name. */
const copyStore = (from: string, to: string): void => {
  for (const name of readdirSync(to)) rmSync(path.join(to, name), { recursive: true });
  cpSync(from, to, { recursive: true });
};

class Attack {
  readonly folder = newFolder();
  readonly data = path.join(this.folder, 'data');
  readonly kept = path.join(this.folder, 'kept');
  readonly anchor = path.join(this.folder, 'elsewhere/anchor');
  #server: ServerProcess | undefined;
  #token = '';

  constructor(context: TestContext, threads = 1) {
    configure(this.folder, threads);
    context.after(async () => {
      await this.#server?.stop('SIGKILL');
      rmSync(this.folder, { recursive: true });
    });
  }

  async start(): Promise<void> {
    this.#server = await startServer({
      args: [`-config=${path.join(this.folder, 'coffer.hcl')}`],
      folder: this.folder,
      ready: /listening on (http:\/\/[^\s,]+)/,
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#server?.stop(signal);
  }

  get said(): string {
    return this.#server?.said() ?? '';
  }

  run(...args: readonly string[]): Promise<Ended> {
    const env = { COFFER_ADDR: this.#server?.address ?? '', COFFER_TOKEN: this.#token, COFFER_MAX_RETRIES: '0' };
    return runCoffer(args, { home: this.folder, env });
  }

  async did(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    assert.equal(code, 0, err + out);
    return out;
  }

  /** Of the mark before. */
  async marked(before: string): Promise<void> {
    const endMs = performance.now() + settleLimitMs;
    while (readFileSync(this.anchor, 'utf8') === before) {
      assert.ok(performance.now() < endMs, 'the anchor does not follow');
      await pause(20);
    }
  }

  async initialise(): Promise<void> {
    const made = JSON.parse(await this.did('operator', 'init', '-format=json')) as { root_token: string };
    this.#token = made.root_token;
    const endMs = performance.now() + settleLimitMs;
    while ((await this.run('secrets', 'enable', '-version=2', '-path=kept', 'kv')).code !== 0)
      assert.ok(performance.now() < endMs, 'the store does not open');
  }

  get text(): string {
    return readFileSync(this.anchor, 'utf8');
  }
}

test('S26: files of an earlier day are not served until somebody who sees the server accepts them', async context => {
  const attack = new Attack(context);
  await attack.start();
  await attack.initialise();
  await attack.did('kv', 'put', '-mount=kept', 'a', 'value=yesterday');
  await attack.stop();
  copyStore(attack.data, attack.kept);
  await attack.start();
  await attack.did('kv', 'put', '-mount=kept', 'a', 'value=today');
  await attack.stop('SIGTERM');
  copyStore(attack.kept, attack.data);

  await attack.start();
  const refused = await attack.run('kv', 'get', '-mount=kept', 'a');
  assert.equal(refused.code, 2);
  assert.match(refused.err, /not as its anchor says/);
  assert.match(await attack.did('operator', 'anchor'), /older than its anchor/);
  const wrong = await attack.run('operator', 'accept-rollback', 'deadbeef');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /the log of this server/);
  const [, code = ''] = /code[=:"]+([0-9a-f]{8})/.exec(attack.said) ?? [];
  await attack.did('operator', 'accept-rollback', code);
  assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', 'a'), /yesterday/);
  await attack.stop();
  await attack.start();
  assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', 'a'), /yesterday/);
});

test('S26: nor where the server was killed, or the anchor removed with the store', async context => {
  const attack = new Attack(context);
  await attack.start();
  await attack.initialise();
  await attack.stop();
  copyStore(attack.data, attack.kept);
  await attack.start();
  const before = attack.text;
  await attack.did('kv', 'put', '-mount=kept', 'a', 'value=today');
  await attack.marked(before);
  await attack.stop('SIGKILL');
  // Its own files, after the crash: no doubt.
  await attack.start();
  assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', 'a'), /today/);
  await attack.stop('SIGKILL');
  copyStore(attack.kept, attack.data);
  await attack.start();
  assert.match((await attack.run('kv', 'get', '-mount=kept', 'a')).err, /not as its anchor says/);
  await attack.stop();
  rmSync(attack.anchor);
  await attack.start();
  assert.match((await attack.run('kv', 'get', '-mount=kept', 'a')).err, /not as its anchor says/);
  assert.match(await attack.did('operator', 'anchor'), /nothing in its place/);
});

type Rows = ReadonlyMap<string, Uint8Array>;

const rowsOf = (file: string): Rows => {
  const db = new DatabaseSync(file);
  const rows = db.prepare('SELECT key, value FROM records').all() as { key: Uint8Array; value: Uint8Array }[];
  db.close();
  return new Map(rows.map(({ key, value }) => [Buffer.from(key).toString(), value]));
};

const putBack = (file: string, key: string, value: Uint8Array | undefined): void => {
  const db = new DatabaseSync(file);
  if (value === undefined) db.prepare('DELETE FROM records WHERE key = ?').run(Buffer.from(key));
  else db.prepare('UPDATE records SET value = ? WHERE key = ?').run(value, Buffer.from(key));
  db.close();
};

for (const threads of [1, 3])
  test(`S26: a row that was put back, or deleted, is refused after a stop and after a kill, and nothing else (${threads} threads)`, async context => {
    const attack = new Attack(context, threads);
    const file = path.join(attack.data, 'store.db');
    await attack.start();
    await attack.initialise();
    for (const name of ['a', 'b', 'c']) await attack.did('kv', 'put', '-mount=kept', name, 'value=yesterday');
    await attack.stop();
    const before = rowsOf(file);
    await attack.start();
    const marked = attack.text;
    await attack.did('kv', 'put', '-mount=kept', 'a', 'value=today');
    await attack.marked(marked);
    await attack.stop('SIGKILL');
    // Nobody was here: all is served.
    await attack.start();
    for (const name of ['a', 'b', 'c'])
      assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', name), /today|yesterday/);
    await attack.stop();

    const after = rowsOf(file);
    const isSecret = (key: string): boolean => key.startsWith('1/root/') && !key.startsWith('1/root/core/');
    const changed = [...before].filter(
      ([key, value]) => isSecret(key) && after.has(key) && Buffer.compare(value, after.get(key) ?? value) !== 0,
    );
    assert.ok(changed.length > 0);
    const [lost] = [...after.keys()].filter(key => isSecret(key) && /\/b(?:\/|$)/.test(key));
    assert.ok(lost !== undefined, [...after.keys()].join(' '));
    for (const [key, value] of changed) putBack(file, key, value);
    putBack(file, lost, undefined);

    await attack.start();
    for (const name of ['a', 'b']) {
      const refused = await attack.run('kv', 'get', '-mount=kept', name);
      assert.equal(refused.code, 2, name);
      assert.doesNotMatch(refused.out, /yesterday/);
    }
    assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', 'c'), /yesterday/);
    assert.match(await attack.did('operator', 'anchor'), /Refused\s+[1-9]/);
    const [, code = ''] = /accept-rollback.*code[=:"]+([0-9a-f]{8})/.exec(attack.said) ?? [];
    await attack.did('operator', 'accept-rollback', code);
    assert.match(await attack.did('kv', 'get', '-mount=kept', '-field=value', 'a'), /yesterday/);
  });
