/**
 * Takes a snapshot in: unpacked, checked file by file, its records laid down beside the store. Nothing of it is believed
 * until its sums are right; who made it is for the caller to find out.
 */
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
import { readTar, TarError, type TarFile } from '@coffer/schema/snapshot/tar.ts';
import type { StorageCopies, StoredCopy } from '../../contracts/storage.ts';
import { gunzip } from '../../platform/archive/gzip.ts';
import { sha256Hex } from '../../platform/crypto/hash.ts';

export interface Received {
  readonly meta: SnapshotMeta;
  readonly copy: StoredCopy;
  readonly sums: Uint8Array;
  readonly sealed: Uint8Array;
}

const damaged = (what: string, cause?: unknown): CofferError =>
  new CofferError('invalid_request', `the snapshot is damaged: ${what}`, { cause });

/** Damage of what was sent is not damage of the store. */
const ofRequest = (cause: unknown): unknown => {
  if (cause instanceof TarError) return damaged(cause.message, cause);
  if (!(cause instanceof CofferError) || cause.code !== 'data_corrupt') return cause;
  return new CofferError('invalid_request', cause.publicMessage, { cause });
};

const foreign = (): CofferError =>
  new CofferError('invalid_request', 'this is not a snapshot of a Coffer store: those of other products are not read');

const text = new TextDecoder();

const small = async ({ name, size, content }: TarFile): Promise<Uint8Array> => {
  if (size > smallFileBytesLimit) throw damaged(`${name} is too large`);
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const piece of content) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
};

const metaOf = (bytes: Uint8Array): SnapshotMeta => {
  const meta = readMeta(text.decode(bytes));
  if (meta === undefined) throw foreign();
  if (meta.format > snapshotFormat)
    throw new CofferError(
      'invalid_request',
      `the snapshot has format ${meta.format}; this version reads up to ${snapshotFormat}: use the newer version`,
    );
  return meta;
};

/** The files of a snapshot, of which each must be the next. */
class Files {
  readonly #files: AsyncGenerator<TarFile>;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#files = readTar(gunzip(pieces));
  }

  async next(name: string): Promise<TarFile> {
    const { done, value } = await this.#files.next();
    if (done === true) throw damaged(`${name} is missing`);
    if (value.name !== name) throw name === metaFile ? foreign() : damaged(`${name} is missing`);
    return value;
  }

  async end(): Promise<void> {
    if ((await this.#files.next()).done !== true) throw damaged('it holds more than a snapshot does');
  }

  async stop(): Promise<void> {
    await this.#files.return(undefined);
  }
}

interface Asked {
  readonly copies: StorageCopies;
  readonly picks: readonly string[];
}

const stateOf = async (files: Files, meta: SnapshotMeta, { copies, picks }: Asked): Promise<StoredCopy> => {
  const { size, content } = await files.next(stateFile);
  if (size !== meta.bytes) throw damaged(`${stateFile} is not as long as ${metaFile} says`);
  const incoming = await copies.receive(picks);
  try {
    for await (const piece of content) await incoming.write(piece);
    return await incoming.finish();
  } catch (cause) {
    await incoming.discard();
    throw cause;
  }
};

const readAll = async (files: Files, asked: Asked): Promise<Received> => {
  const metaBytes = await small(await files.next(metaFile));
  const meta = metaOf(metaBytes);
  const copy = await stateOf(files, meta, asked);
  try {
    const sums = await small(await files.next(sumsFile));
    const sealed = await small(await files.next(sealedFile));
    await files.end();
    if (text.decode(sums) !== sumsText(sha256Hex(metaBytes), copy.sha256.toHex()))
      throw damaged(`its content does not match ${sumsFile}`);
    if (copy.records !== meta.records) throw damaged(`it does not hold as many records as ${metaFile} says`);
    return { meta, copy, sums, sealed };
  } catch (cause) {
    await copy.discard();
    throw cause;
  }
};

/**
 * Takes all of `pieces`. Throws `invalid_request` for what is damaged, not whole, not a snapshot of this product or of a
 * newer format, `storage_full` where there is no room. Leaves nothing then.
 */
export const receiveSnapshot = async (pieces: AsyncIterable<Uint8Array>, asked: Asked): Promise<Received> => {
  const files = new Files(pieces);
  try {
    return await readAll(files, asked);
  } catch (cause) {
    throw ofRequest(cause);
  } finally {
    await files.stop();
  }
};
