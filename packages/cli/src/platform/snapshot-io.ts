/** Snapshots on the disk of the person who runs the command: streamed, their owner's alone, never half written. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CofferError } from '@coffer/schema/errors.ts';
import type { SnapshotFiles, SnapshotIo } from '../snapshots.ts';
import { reasonOf } from './reason.ts';

const ownerOnly = 0o600;
const pieceBytes = 262_144;
const chanceBytes = 6;

const problem = (file: string, what: string, cause: unknown): CofferError =>
  new CofferError('usage', `${file}: cannot be ${what} (${reasonOf(cause)})`, { cause });

async function* read(file: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file, { highWaterMark: pieceBytes });
  try {
    for await (const piece of source) yield piece as Uint8Array;
  } catch (cause) {
    throw problem(file, 'read', cause);
  }
}

const syncFolder = async (file: string): Promise<void> => {
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const openTarget: SnapshotFiles['open'] = async file => {
  // Of its own: two that save to the same file at a time must not take each other's half for their whole.
  const beside = `${file}.${randomBytes(chanceBytes).toString('hex')}.tmp`;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw problem(file, 'written', cause);
    }
  };
  const handle = await attempt(() => open(beside, 'wx', ownerOnly));
  return {
    beside,
    write: piece =>
      attempt(async () => {
        for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
      }),
    keep: () =>
      attempt(async () => {
        await handle.sync();
        await handle.close();
        await rename(beside, file);
        await syncFolder(file);
      }),
    drop: async () => {
      await handle.close().catch(() => undefined);
      await rm(beside, { force: true });
    },
  };
};

async function* gunzip(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  const feeding = pipeline(Readable.from(pieces, { objectMode: false }), unzip);
  feeding.catch(() => undefined);
  try {
    for await (const piece of unzip) yield piece as Uint8Array;
    await feeding;
  } finally {
    unzip.destroy();
  }
}

export const snapshotIo: SnapshotIo = {
  files: { read, open: openTarget },
  gunzip,
  sha256: () => {
    const hash = createHash('sha256');
    return { update: piece => void hash.update(piece), hex: () => hash.digest('hex') };
  },
};
