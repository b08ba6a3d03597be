/** The copies of `replacing.ts`, and what a store holds of them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import { copyHead } from '../../packages/server/src/platform/storage/copy-format.ts';

const valueBytes = 500;

/** Records of two copies overlap in half of their keys. */
export const copyBytesOf = (name: string, count: number): Uint8Array => {
  const pieces: Uint8Array[] = [];
  const from = name === 'new' ? count / 2 : 0;
  for (let at = from; at < from + count; at++) {
    const value = Buffer.alloc(valueBytes, name);
    pieces.push(copyHead(Buffer.from(`key/${String(at).padStart(8, '0')}`), value.length), value);
  }
  return Buffer.concat(pieces);
};

const quiet = openLog({ level: 'error', format: 'standard', write: line => void process.stderr.write(line) });

/** The name of the copy that it holds, whole. It takes commits, and nothing lies beside it. */
export const heldIn = async (store: string, count: number): Promise<string> => {
  const opened = await openSqliteStore({
    path: store,
    clock: realClock(),
    log: quiet,
    fatal: error => assert.fail(error),
  });
  try {
    const copy = await opened.copy();
    const pieces: Uint8Array[] = [];
    for await (const piece of copy.read()) pieces.push(piece);
    await copy.discard();
    const all = Buffer.concat(pieces);
    const name = ['old', 'new'].find(one => all.equals(copyBytesOf(one, count)));
    assert.ok(name !== undefined, 'neither the old store nor the new one, whole');
    const head = await opened.head();
    const done = await opened.commit({ id: String(head).padStart(32, '0'), writes: [{ key: 'x', value: undefined }] });
    assert.deepEqual(done, { ok: true, revision: head + 1 });
    assert.deepEqual(
      readdirSync(path.dirname(store)).filter(file => file.includes('.copy-')),
      [],
    );
    return name;
  } finally {
    await opened.close();
  }
};
