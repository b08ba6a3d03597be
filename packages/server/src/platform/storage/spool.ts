/**
 * Files of copies beside the store: `<path>.copy-<number>.tmp`, their owner's alone. They hold what the store holds; what
 * a process that died left of them is removed at the next opening, and nothing else: people put their own copies there.
 */
import { createReadStream, readdirSync, rmSync, statfsSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import type { IncomingCopy, StoredCopy } from '../../contracts/storage.ts';
import { type CopyFacts, CopyReceipt } from './received.ts';

/** Copies that may exist at a time. */
export const copiesLimit = 4;
/** What a copy leaves free on the disk, for the store itself. */
export const spareBytes = 134_217_728;
/** Bytes written between two looks at what is free. */
export const lookEveryBytes = 16_777_216;
const readBytes = 262_144;
const ownerOnly = 0o600;
const nameAfterStore = /^\.copy-\d+\.tmp$/;

export const noRoom = (): CofferError =>
  new CofferError('storage_full', 'there is no room beside the store for a snapshot: make some and try again');

/** Throws `storage_full` where less is free than a copy must leave. */
export const checkRoom = (path: string): void => {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < spareBytes) throw noRoom();
};

const failed = (cause: unknown): CofferError => {
  if (cause instanceof CofferError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown failure';
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom();
  return new CofferError('storage_failed', `the snapshot cannot be laid down beside the store (${code})`, { cause });
};

/** The places of copies of one store. */
export class Spools {
  readonly #path: string;
  readonly #taken = new Set<string>();
  #made = 0;

  constructor(path: string) {
    this.#path = path;
    const store = basename(path);
    for (const name of readdirSync(dirname(path)))
      if (name.startsWith(store) && nameAfterStore.test(name.slice(store.length)))
        rmSync(join(dirname(path), name), { force: true });
  }

  /** Throws `conflict` where there are too many already. */
  take(): string {
    if (this.#taken.size >= copiesLimit)
      throw new CofferError('conflict', `${copiesLimit} snapshots are being made or sent already; try again later`, {
        retryAfterSeconds: 10,
      });
    const path = `${this.#path}.copy-${++this.#made}.tmp`;
    this.#taken.add(path);
    return path;
  }

  async giveBack(path: string): Promise<void> {
    if (!this.#taken.delete(path)) return;
    await rm(path, { force: true });
  }

  async receive(picks: readonly string[]): Promise<IncomingCopy> {
    const path = this.take();
    try {
      return new IncomingSpool(this, { path, file: await open(path, 'wx', ownerOnly) }, picks);
    } catch (cause) {
      await this.giveBack(path);
      throw failed(cause);
    }
  }
}

export class SpooledCopy implements StoredCopy {
  readonly revision: number;
  readonly records: number;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly picked: ReadonlyMap<string, Uint8Array>;
  readonly path: string;
  readonly #spools: Spools;

  constructor(spools: Spools, path: string, facts: CopyFacts) {
    this.#spools = spools;
    this.path = path;
    this.revision = facts.revision;
    this.records = facts.records;
    this.bytes = facts.bytes;
    this.sha256 = facts.sha256;
    this.picked = facts.picked;
  }

  /** The same copy, known to be of this revision. */
  at(revision: number): SpooledCopy {
    const { records, bytes, sha256, picked } = this;
    return new SpooledCopy(this.#spools, this.path, { revision, records, bytes, sha256, picked });
  }

  async *read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of createReadStream(this.path, { highWaterMark: readBytes })) yield piece as Uint8Array;
    } catch (cause) {
      throw failed(cause);
    }
  }

  discard(): Promise<void> {
    return this.#spools.giveBack(this.path);
  }
}

interface OpenSpool {
  readonly path: string;
  readonly file: FileHandle;
}

class IncomingSpool implements IncomingCopy {
  readonly #spools: Spools;
  readonly #place: OpenSpool;
  readonly #receipt: CopyReceipt;
  #looked = lookEveryBytes;

  constructor(spools: Spools, place: OpenSpool, picks: readonly string[]) {
    this.#spools = spools;
    this.#place = place;
    this.#receipt = new CopyReceipt(picks);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#looked += bytes.length;
      if (this.#looked >= lookEveryBytes) {
        checkRoom(this.#place.path);
        this.#looked = 0;
      }
      this.#receipt.add(bytes);
      for (let at = 0; at < bytes.length; ) at += (await this.#place.file.write(bytes, at)).bytesWritten;
    } catch (cause) {
      throw failed(cause);
    }
  }

  async finish(): Promise<StoredCopy> {
    const facts = this.#receipt.finish();
    try {
      await this.#place.file.close();
    } catch (cause) {
      throw failed(cause);
    }
    return new SpooledCopy(this.#spools, this.#place.path, facts);
  }

  async discard(): Promise<void> {
    await this.#place.file.close().catch(() => undefined);
    await this.#spools.giveBack(this.#place.path);
  }
}
