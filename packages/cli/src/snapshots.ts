/** Snapshots as files: what is in one, and whether it is whole. Who made it only the keys of its store can tell. */
import { CofferError } from '@coffer/schema/errors.ts';
import {
  metaFile,
  readMeta,
  sealedFile,
  smallFileBytesLimit,
  type SnapshotMeta,
  snapshotFormat,
  stateFile,
  sumsFile,
  sumsText,
} from '@coffer/schema/snapshot/layout.ts';
import { readTar, TarError } from '@coffer/schema/snapshot/tar.ts';

/** Bytes that come one after the other, written to a file that counts once it is kept. */
export interface SnapshotTarget {
  write(piece: Uint8Array): Promise<void>;
  /** In place of what was there, durably. */
  keep(): Promise<void>;
  /** As if nothing had been written. */
  drop(): Promise<void>;
}

export interface Sha256 {
  update(piece: Uint8Array): void;
  hex(): string;
}

export interface SnapshotFiles {
  /** Throws `usage` where it cannot be read. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** Beside the path; read it back with `read(beside)`. */
  open(path: string): Promise<SnapshotTarget & { readonly beside: string }>;
}

export interface SnapshotIo {
  readonly files: SnapshotFiles;
  /** Throws what the runtime throws for what is not gzip. */
  gunzip(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  sha256(): Sha256;
}

const filesLimit = 4;
const text = new TextDecoder();

const notWhole = (path: string, what: string, cause?: unknown): CofferError =>
  new CofferError('usage', `${path}: not a whole snapshot: ${what}`, { cause });

interface Read {
  readonly sums: ReadonlyMap<string, string>;
  readonly small: ReadonlyMap<string, Uint8Array>;
}

const readAll = async (io: SnapshotIo, pieces: AsyncIterable<Uint8Array>): Promise<Read> => {
  const sums = new Map<string, string>();
  const small = new Map<string, Uint8Array>();
  for await (const { name, size, content } of readTar(io.gunzip(pieces))) {
    const isSmall = size <= smallFileBytesLimit;
    const kept = new Uint8Array(isSmall ? size : 0);
    const hash = io.sha256();
    let at = 0;
    for await (const piece of content) {
      hash.update(piece);
      if (isSmall) kept.set(piece, at);
      at += piece.length;
    }
    sums.set(name, hash.hex());
    if (isSmall) small.set(name, kept);
    if (sums.size > filesLimit) throw new TarError('it holds more files than a snapshot');
  }
  return { sums, small };
};

/** Throws `usage` where the file is not a snapshot of this product, is of a newer format, or is not whole. */
export const inspectSnapshot = async (io: SnapshotIo, path: string, file = path): Promise<SnapshotMeta> => {
  let read: Read;
  try {
    read = await readAll(io, io.files.read(file));
  } catch (cause) {
    if (cause instanceof CofferError) throw cause;
    throw notWhole(path, cause instanceof TarError ? cause.message : 'it is damaged or truncated', cause);
  }
  const meta = readMeta(text.decode(read.small.get(metaFile)));
  if (meta === undefined) throw new CofferError('usage', `${path}: not a snapshot of a Coffer store`);
  if (meta.format > snapshotFormat)
    throw new CofferError('usage', `${path}: a snapshot of format ${meta.format}: use the newer version`);
  if ((read.small.get(sealedFile)?.length ?? 0) === 0) throw notWhole(path, `${sealedFile} is missing`);
  const sums = sumsText(read.sums.get(metaFile) ?? '', read.sums.get(stateFile) ?? '');
  if (text.decode(read.small.get(sumsFile)) !== sums) throw notWhole(path, `its content does not match ${sumsFile}`);
  return meta;
};
