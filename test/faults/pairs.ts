/** The commits of `load.ts`: what they write, what the parent heard of them, and what must be found afterwards. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Storage } from '../../packages/server/src/contracts/storage.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';

export const fatalExitCode = 70;

/** `n`, repeated to the length. */
export const valueOf = (n: number, bytes: number): Uint8Array => Buffer.alloc(bytes, `${n};`);

export interface Heard {
  /** n → revision. */
  readonly acknowledged: Map<number, number>;
  /** n → error code. */
  readonly refused: Map<number, string>;
  readonly fatal: string[];
  opened: boolean;
}

export const nothingHeard = (): Heard => ({ acknowledged: new Map(), refused: new Map(), fatal: [], opened: false });

const hearLine = (heard: Heard, line: string): void => {
  const [word = '', rest = ''] = line.split(' ');
  if (word === 'open') heard.opened = true;
  else if (word === 'fatal') heard.fatal.push(rest);
  else if (word.startsWith('+')) heard.acknowledged.set(Number(word.slice(1)), Number(rest));
  else if (word.startsWith('!')) heard.refused.set(Number(word.slice(1)), rest);
  else assert.fail(`the writing process said ${JSON.stringify(line)}`);
};

export interface Load {
  readonly child: ChildProcess;
  /** Resolves when the process is gone and everything it said is heard. */
  readonly ended: Promise<number | string>;
}

export interface LoadOptions {
  readonly store: string;
  readonly first: number;
  readonly bytes: number;
  readonly heard: Heard;
  readonly env?: NodeJS.ProcessEnv;
}

export const startLoad = ({ store, first, bytes, heard, env }: LoadOptions): Load => {
  const args = [path.join(import.meta.dirname, 'load.ts'), store, `${first}`, `${bytes}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hearLine(heard, line);
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = new Promise<number | string>((done, failed) => {
    child.once('close', (code, signal) => {
      if (signal === null && code !== fatalExitCode) failed(new Error(`ended with ${code}: ${complaints}`));
      else done(code ?? signal ?? 'unknown');
    });
  });
  return { child, ended };
};

const quiet: Log = { write: () => {}, with: () => quiet };

const allPairs = async (store: Storage): Promise<Map<string, { value: Uint8Array; revision: number }>> => {
  const found = new Map<string, { value: Uint8Array; revision: number }>();
  for (let after: string | undefined; ; ) {
    const page = await store.range('pair/', { limit: 200, ...(after === undefined ? {} : { after }) });
    for (const { key, value, revision } of page) found.set(key, { value: value.subarray(0, 16), revision });
    after = page.at(-1)?.key;
    if (after === undefined) return found;
  }
};

/** Opens the store as a new process would, and holds it against what was heard. Answers the first unused `n`. */
export const verify = async (store: string, heard: Heard): Promise<number> => {
  const opened = await openSqliteStore({
    path: store,
    clock: realClock(),
    log: quiet,
    fatal: error => assert.fail(error),
  });
  try {
    const pairs = await allPairs(opened);
    for (const [n, revision] of heard.acknowledged) {
      assert.equal(pairs.get(`pair/${n}/a`)?.revision, revision, `acknowledged commit ${n} is lost`);
    }
    let last = -1;
    for (const [key, { value, revision }] of pairs) {
      const [, text = '', side] = key.split('/');
      assert.ok(Buffer.from(value).toString().startsWith(`${text};`), `${key} has a value of another commit`);
      const mate = pairs.get(`pair/${text}/${side === 'a' ? 'b' : 'a'}`);
      assert.equal(mate?.revision, revision, `commit ${text} is there by half`);
      last = Math.max(last, Number(text));
    }
    for (const [n, code] of heard.refused)
      assert.ok(!pairs.has(`pair/${n}/a`), `commit ${n}, refused with ${code}, is there`);
    await verifyHot(opened, heard);
    return Math.max(last, ...heard.refused.keys(), -1) + 1;
  } finally {
    await opened.close();
  }
};

/** The shared keys are those of one commit, the last of all. */
const verifyHot = async (opened: Awaited<ReturnType<typeof openSqliteStore>>, heard: Heard): Promise<void> => {
  const [a, b] = [await opened.get('hot/a'), await opened.get('hot/b')];
  assert.deepEqual(a?.value, b?.value);
  assert.equal(a?.revision, b?.revision);
  assert.equal(a?.revision ?? 0, await opened.head());
  const acknowledged = Math.max(0, ...heard.acknowledged.values());
  assert.ok((a?.revision ?? 0) >= acknowledged, `the head is behind revision ${acknowledged}`);
};
