/** gzip (RFC 1952), piece by piece at the pace of whoever takes. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip, type Gunzip, type Gzip } from 'node:zlib';
import { CofferError } from '@coffer/schema/errors.ts';

/** What is packed here hardly shrinks. */
const level = constants.Z_BEST_SPEED;
/** What a piece may unpack to in all, for each byte that came, beside a start that is free. */
export const unpackedRatioLimit = 32;
export const unpackedFreeBytes = 1_048_576;

async function* through(source: AsyncIterable<Uint8Array>, codec: Gzip | Gunzip): AsyncGenerator<Uint8Array> {
  const feeding = pipeline(Readable.from(source, { objectMode: false }), codec);
  // Told to whoever takes; without this the runtime would hear of it as well.
  feeding.catch(() => undefined);
  try {
    for await (const piece of codec) yield piece as Uint8Array;
    await feeding;
  } finally {
    codec.destroy();
  }
}

export const gzip = (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  through(source, createGzip({ level }));

const refused = (cause: unknown): unknown => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!/^Z_|^ERR_TRAILING|^ERR_BUFFER/.test(code)) return cause;
  return new CofferError('data_corrupt', 'the snapshot is damaged or truncated: it is not whole as gzip', { cause });
};

/** Throws `data_corrupt` for what is not gzip, ends early, or unpacks to more than a snapshot does. */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      packed += piece.length;
      yield piece;
    }
  };
  try {
    for await (const piece of through(counted(), createGunzip())) {
      unpacked += piece.length;
      if (unpacked > unpackedFreeBytes + unpackedRatioLimit * packed)
        throw new CofferError(
          'data_corrupt',
          'the snapshot unpacks to far more than it holds: it is none of this store',
        );
      yield piece;
    }
  } catch (cause) {
    throw refused(cause);
  }
}
