/**
 * The part of the tar format (POSIX.1-2017 pax, `ustar`) that snapshots are made of: plain files, one after the other.
 * Written and read piece by piece; a reader holds a block and what came with it.
 */
const blockBytes = 512;
const nameBytes = 100;
const sizeAt = 124;
const sumAt = 148;
const typeAt = 156;
const magicAt = 257;
const prefixAt = 345;
/** Beyond this a size does not fit into eleven octal digits and is written in base 256. */
const octalSizeLimit = 0o77_777_777_777;

const text = new TextEncoder();
const latin = new TextDecoder('latin1');

export class TarError extends Error {
  override readonly name = 'TarError';
}

const sumOf = (block: Uint8Array): number =>
  block.reduce((sum, byte, at) => sum + (at >= sumAt && at < sumAt + 8 ? 0x20 : byte), 0);

const octal = (value: number, digits: number): Uint8Array =>
  text.encode(`${value.toString(8).padStart(digits, '0')}\0`);

const putSize = (block: Uint8Array, size: number): void => {
  if (size <= octalSizeLimit) return block.set(octal(size, 11), sizeAt);
  block[sizeAt] = 0x80;
  new DataView(block.buffer).setBigUint64(sizeAt + 4, BigInt(size));
};

/** The block before a file's content. `modifiedAtSeconds` since 1970. */
export const tarHead = (name: string, size: number, modifiedAtSeconds: number): Uint8Array => {
  const block = new Uint8Array(blockBytes);
  block.set(text.encode(name).subarray(0, nameBytes), 0);
  block.set(octal(0o600, 7), 100);
  block.set(octal(0, 7), 108);
  block.set(octal(0, 7), 116);
  putSize(block, size);
  block.set(octal(Math.max(0, modifiedAtSeconds), 11), 136);
  block[typeAt] = 0x30;
  block.set(text.encode('ustar\x0000'), magicAt);
  block.set(text.encode(`${sumOf(block).toString(8).padStart(6, '0')}\0 `), sumAt);
  return block;
};

/** What fills the last block of a file of this size. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array((blockBytes - (size % blockBytes)) % blockBytes);

/** Two empty blocks end an archive. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * blockBytes);

/** A file in an archive. Its content must be taken before the next file is asked for. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What has come and was not taken yet: the rest of one piece, and the pieces a block needs. */
class Source {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0) as Uint8Array;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** From 1 to `most` bytes; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** As many; fewer only at the end. */
  async exactly(count: number): Promise<Uint8Array> {
    const block = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const some = await this.some(count - at);
      if (some === undefined) return block.subarray(0, at);
      block.set(some, at);
      at += some.length;
    }
    return block;
  }

  async stop(): Promise<void> {
    await this.#pieces.return?.();
  }
}

const textAt = (block: Uint8Array, at: number, length: number): string =>
  latin.decode(block.subarray(at, at + length)).replace(/\0.*$/s, '');

const sizeOf = (block: Uint8Array): number => {
  if (block[sizeAt] === 0x80) {
    const size = Number(new DataView(block.buffer, block.byteOffset).getBigUint64(sizeAt + 4));
    if (Number.isSafeInteger(size)) return size;
  }
  const digits = textAt(block, sizeAt, 12).trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw new TarError('the size of a file is no number');
  return Number.parseInt(digits, 8);
};

const headOf = (block: Uint8Array): { readonly name: string; readonly size: number } => {
  const sum = textAt(block, sumAt, 8).trim();
  if (!/^[0-7]{1,8}$/.test(sum) || Number.parseInt(sum, 8) !== sumOf(block)) throw new TarError('a header is damaged');
  if (block[typeAt] !== 0x30 && block[typeAt] !== 0) throw new TarError('it holds something that is no file');
  if (textAt(block, prefixAt, 155) !== '' && textAt(block, magicAt, 5) === 'ustar')
    throw new TarError('it holds a file in a folder');
  return { name: textAt(block, 0, nameBytes), size: sizeOf(block) };
};

async function* contentOf(source: Source, size: number, left: { bytes: number }): AsyncGenerator<Uint8Array> {
  left.bytes = size;
  while (left.bytes > 0) {
    const some = await source.some(left.bytes);
    if (some === undefined) throw new TarError('it ends within a file');
    left.bytes -= some.length;
    yield some;
  }
}

/** What no sum covers must hold nothing. */
const checkEmpty = (bytes: Uint8Array): void => {
  if (bytes.some(byte => byte !== 0)) throw new TarError('there is something between its files');
};

/** The files of an archive, in their order. Throws `TarError` where it is none, or ends before its end. */
export async function* readTar(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const source = new Source(pieces);
  try {
    for (;;) {
      const block = await source.exactly(blockBytes);
      if (block.length < blockBytes) throw new TarError('it ends before its end');
      if (block.every(byte => byte === 0)) break;
      const { name, size } = headOf(block);
      const left = { bytes: size };
      yield { name, size, content: contentOf(source, size, left) };
      if (left.bytes > 0) throw new TypeError('the content of a file must be taken before the next');
      checkEmpty(await source.exactly(tarPadding(size).length));
    }
    for (let rest = await source.some(blockBytes); rest !== undefined; rest = await source.some(blockBytes))
      checkEmpty(rest);
  } finally {
    await source.stop();
  }
}
