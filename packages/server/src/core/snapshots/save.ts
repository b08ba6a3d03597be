/**
 * Makes a snapshot: all records as they lie in the store, in ciphertext, at one revision; and the sums of it sealed by the
 * barrier, so that whoever holds its keys sees any change. Names of records and the seal's settings are in clear, as in the
 * store.
 */
import { writeJson } from '@coffer/schema/json/write.ts';
import { metaFile, sealedFile, snapshotFormat, stateFile, sumsFile, sumsText } from '@coffer/schema/snapshot/layout.ts';
import { tarEnd, tarHead, tarPadding } from '@coffer/schema/snapshot/tar.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { StorageCopies, StoredCopy } from '../../contracts/storage.ts';
import { gzip } from '../../platform/archive/gzip.ts';
import { sha256Hex } from '../../platform/crypto/hash.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { sumsLabel } from '../seal/restored.ts';
import { withEnd } from './whole.ts';

export interface SavePorts {
  readonly copies: StorageCopies;
  readonly barrier: Barrier;
  readonly clock: Clock;
  readonly sealType: string;
  readonly version: string;
}

const text = new TextEncoder();

const metaOf = (copy: StoredCopy, { barrier, clock, sealType, version }: SavePorts): Uint8Array =>
  writeJson({
    product: 'coffer',
    format: snapshotFormat,
    version,
    store_id: barrier.storeId.toHex(),
    revision: copy.revision,
    records: copy.records,
    bytes: copy.bytes,
    term: barrier.keyStatus().term,
    seal_type: sealType,
    created: new Date(clock.now()).toISOString(),
  });

interface Small {
  readonly meta: Uint8Array;
  readonly sums: Uint8Array;
  readonly sealed: Uint8Array;
}

const smallFiles = async (copy: StoredCopy, ports: SavePorts): Promise<Small> => {
  const meta = metaOf(copy, ports);
  const sums = text.encode(sumsText(sha256Hex(meta), copy.sha256.toHex()));
  return { meta, sums, sealed: await ports.barrier.sealApart(sumsLabel, sums) };
};

async function* archive(
  copy: StoredCopy,
  { meta, sums, sealed }: Small,
  atSeconds: number,
): AsyncGenerator<Uint8Array> {
  const small = function* (name: string, content: Uint8Array): Generator<Uint8Array> {
    yield tarHead(name, content.length, atSeconds);
    yield content;
    yield tarPadding(content.length);
  };
  yield* small(metaFile, meta);
  yield tarHead(stateFile, copy.bytes, atSeconds);
  yield* copy.read();
  yield tarPadding(copy.bytes);
  yield* small(sumsFile, sums);
  yield* small(sealedFile, sealed);
  yield tarEnd();
}

/** Its bytes. Whoever gets them takes them all, or says that the rest is not wanted. */
export const saveSnapshot = async (ports: SavePorts): Promise<AsyncIterable<Uint8Array>> => {
  const copy = await ports.copies.copy();
  try {
    const small = await smallFiles(copy, ports);
    const pieces = gzip(archive(copy, small, Math.floor(ports.clock.now() / 1000)));
    return withEnd(pieces, () => copy.discard());
  } catch (cause) {
    await copy.discard();
    throw cause;
  }
};
