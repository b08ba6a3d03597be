/** What the tests of snapshots share: a store with something in it, its snapshot, and snapshots made by hand. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { tarEnd, tarHead, tarPadding } from '@coffer/schema/snapshot/tar.ts';
import { readTar } from '@coffer/schema/snapshot/tar.ts';
import { sumsText } from '@coffer/schema/snapshot/layout.ts';
import type { Bed, Told } from '../bed.ts';

export const snapshotPath = 'sys/storage/raft/snapshot';

export const put = async (bed: Bed, name: string, value: string): Promise<void> => {
  assert.equal((await bed.root('POST', `secret/data/${name}`, { data: { value } })).status, 200);
};

export const valueOf = async (bed: Bed, name: string, token = bed.rootToken): Promise<unknown> =>
  (await bed.ask('GET', `secret/data/${name}`, { token })).json?.data?.data?.value;

export const saved = async (bed: Bed): Promise<Uint8Array> => {
  const told = await bed.root('GET', snapshotPath);
  assert.equal(told.status, 200);
  assert.equal(told.headers.get('Content-Type'), 'application/gzip');
  return told.body;
};

export const restore = (bed: Bed, snapshot: Uint8Array, force = false): Promise<Told> =>
  bed.ask('POST', `${snapshotPath}${force ? '-force' : ''}`, { token: bed.rootToken, raw: snapshot });

export const unseal = async (bed: Bed, keys: readonly string[]): Promise<Told> => {
  let told: Told | undefined;
  for (const key of keys) told = await bed.ask('POST', 'sys/unseal', { body: { key } });
  return told ?? assert.fail('no keys');
};

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The files of a snapshot. */
export const unpacked = async (snapshot: Uint8Array): Promise<Map<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>();
  for await (const { name, content } of readTar(one(gunzipSync(snapshot)))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    files.set(name, Buffer.concat(pieces));
  }
  return files;
};

export const packed = (files: Iterable<readonly [string, Uint8Array]>): Uint8Array => {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of files)
    blocks.push(tarHead(name, content.length, 0), content, tarPadding(content.length));
  return gzipSync(Buffer.concat([...blocks, tarEnd()]));
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** With the sums of what it holds now, as somebody who changed it would make them. */
export const summed = (files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> => {
  const again = new Map(files);
  const [meta, state] = [files.get('meta.json'), files.get('state.bin')];
  again.set('SHA256SUMS', Buffer.from(sumsText(sha256(meta ?? assert.fail()), sha256(state ?? assert.fail()))));
  return again;
};

export const withMeta = (
  files: ReadonlyMap<string, Uint8Array>,
  change: { readonly [name: string]: unknown },
): Map<string, Uint8Array> => {
  const meta = JSON.parse(Buffer.from(files.get('meta.json') ?? assert.fail()).toString()) as object;
  return new Map(files).set('meta.json', Buffer.from(JSON.stringify({ ...meta, ...change })));
};
