/** Audit files as lines, and the hash that ties them together. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditIo, FollowOptions, Hasher, Line } from '../audit/source.ts';
import { reasonOf } from './reason.ts';

const chunkBytes = 1_048_576;
/** The queue of a device holds no longer record. */
const lineLimitBytes = 268_435_456;
/** A line that is longer is told by its start. */
const cutBytes = 4096;
const newline = 0x0a;
/** Between two looks at the end of a file that is followed. */
const followEveryMs = 200;
/** The last lines of a file are looked for this far from its end. */
const backBytes = 67_108_864;

const cannotRead = (path: string, error: unknown): CofferError =>
  new CofferError('usage', `${path}: cannot be read (${reasonOf(error)})`, { cause: error });

/** Cuts bytes into lines; keeps what has no end yet. */
class Cutter {
  #parts: Uint8Array[] = [];
  #length = 0;
  #isCut = false;
  #number = 1;
  readonly #limitBytes: number;

  constructor(limitBytes = lineLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  push(chunk: Uint8Array): Line[] {
    const found: Line[] = [];
    let at = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, at)) {
      found.push(this.#line(chunk.subarray(at, end + 1), true));
      at = end + 1;
    }
    if (at < chunk.length) this.#keep(chunk.slice(at));
    return found;
  }

  /** What came after the last end. */
  rest(): Line[] {
    return this.#length === 0 ? [] : [this.#line(new Uint8Array(), false)];
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#limitBytes && !this.#isCut) {
      this.#isCut = true;
      this.#parts = [Buffer.concat(this.#parts).subarray(0, cutBytes)];
    } else if (!this.#isCut) this.#parts.push(bytes);
  }

  #line(end: Uint8Array, isEnded: boolean): Line {
    const bytes = this.#length === 0 ? end : Buffer.concat(this.#isCut ? this.#parts : [...this.#parts, end]);
    const line = { bytes, number: this.#number++, isEnded, isCut: this.#isCut };
    this.#parts = [];
    this.#length = 0;
    this.#isCut = false;
    return line;
  }
}

/** `limitBytes`: what is longer is no record, and not kept. */
export async function* linesIn(path: string, limitBytes = lineLimitBytes): AsyncIterable<readonly Line[]> {
  const file = await open(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  try {
    const cutter = new Cutter(limitBytes);
    const buffer = new Uint8Array(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null).catch((error: unknown) => {
        throw cannotRead(path, error);
      });
      if (bytesRead === 0) break;
      yield cutter.push(buffer.subarray(0, bytesRead));
    }
    yield cutter.rest();
  } finally {
    await file.close();
  }
}

const sha256 = (): Hasher => {
  const hash = createHash('sha256');
  return { update: bytes => void hash.update(bytes), hex: () => hash.digest('hex') };
};

/** Where the last lines begin; the start of the file where it is shorter, and where they are longer than is looked for. */
const startOfLast = async (file: FileHandle, wanted: number): Promise<number> => {
  const { size } = await file.stat();
  if (wanted === 0) return size;
  const buffer = new Uint8Array(chunkBytes);
  let ends = 0;
  let at = size;
  while (at > 0 && size - at < backBytes) {
    const length = Math.min(chunkBytes, at);
    at -= length;
    const { bytesRead } = await file.read(buffer, 0, length, at);
    for (let back = bytesRead - 1; back >= 0; back--) {
      // The last end of all ends the last line, it does not begin one.
      if (buffer[back] !== newline || at + back === size - 1) continue;
      if (++ends >= wanted) return at + back + 1;
    }
  }
  return at;
};

const isSameFile = async (file: FileHandle, path: string): Promise<boolean> => {
  const now = await stat(path).catch(() => undefined);
  // A file whose name is gone may get a successor: until then it is the one.
  if (now === undefined) return true;
  const { ino, dev } = await file.stat();
  return now.ino === ino && now.dev === dev;
};

async function* follow(path: string, { lastLines, keeps }: FollowOptions): AsyncIterable<readonly Line[]> {
  const openFile = (): Promise<FileHandle> =>
    open(path).catch((error: unknown) => {
      throw cannotRead(path, error);
    });
  let file = await openFile();
  try {
    let position = await startOfLast(file, lastLines);
    let cutter = new Cutter();
    const buffer = new Uint8Array(chunkBytes);
    for (let isLast = false; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position).catch((error: unknown) => {
        throw cannotRead(path, error);
      });
      position += bytesRead;
      if (bytesRead > 0) yield cutter.push(buffer.subarray(0, bytesRead));
      else if (!keeps || isLast) {
        yield cutter.rest();
        if (!keeps) return;
        await file.close();
        file = await openFile();
        [position, cutter, isLast] = [0, new Cutter(), false];
      } else if (!(await isSameFile(file, path))) isLast = true;
      else if ((await file.stat()).size < position) position = 0;
      else await sleep(followEveryMs);
    }
  } finally {
    await file.close();
  }
}

export const auditIo: AuditIo = { lines: path => linesIn(path), follow, sha256, nowMs: () => Date.now() };
