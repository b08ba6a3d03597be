import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTar, tarEnd, tarHead, tarPadding } from './tar.ts';

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const archive = (...files: readonly (readonly [string, string])[]): Uint8Array =>
  Buffer.concat([
    ...files.flatMap(([name, content]) => {
      const bytes = Buffer.from(content);
      return [tarHead(name, bytes.length, 1_700_000_000), bytes, tarPadding(bytes.length)];
    }),
    tarEnd(),
  ]);

const read = async (bytes: Uint8Array, pieceBytes = 100): Promise<readonly (readonly [string, string])[]> => {
  const found: (readonly [string, string])[] = [];
  for await (const { name, content } of readTar(inPieces(bytes, pieceBytes))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    found.push([name, Buffer.concat(pieces).toString()]);
  }
  return found;
};

test('files come back as they went in, however they are cut', async () => {
  const files = [
    ['a', ''],
    ['b.json', 'x'.repeat(511)],
    ['c', 'y'.repeat(512)],
    ['d', 'z'.repeat(5000)],
  ] as const;
  for (const pieceBytes of [1, 511, 512, 513, 100_000])
    assert.deepEqual(await read(archive(...files), pieceBytes), files);
});

test('a size beyond eight gigabytes is written, and read as what it is', async () => {
  const size = 2 ** 40 + 5;
  for await (const file of readTar(inPieces(tarHead('big', size, 0), 512))) {
    assert.equal(file.size, size);
    await assert.rejects(async () => {
      for await (const piece of file.content) assert.fail(String(piece));
    }, /ends within a file/);
    break;
  }
});

test('what ends early, is damaged or holds anything else is refused', async () => {
  const good = Buffer.from(archive(['a', 'abc']));
  for (const length of [0, 1, 511, 512, 514, 1023, 1024, 1300])
    await assert.rejects(read(good.subarray(0, length)), { name: 'TarError' });
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[at] = value;
    return bytes;
  };
  for (const at of [0, 100, 130, 150, 200, 256]) await assert.rejects(read(changed(at, 0x37)), /a header is damaged/);
  await assert.rejects(read(changed(600, 1)), /something between its files/);
  await assert.rejects(read(changed(good.length - 1, 1)), /something between its files/);
  const folder = Buffer.from(tarHead('a/', 0, 0));
  folder[156] = 0x35;
  // The sum again, over the changed type.
  const sum = folder.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  folder.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  await assert.rejects(read(Buffer.concat([folder, tarEnd()])), /something that is no file/);
});

test('a file whose content nobody took is a mistake of the reader', async () => {
  const files = readTar(inPieces(archive(['a', 'abc'], ['b', '']), 100));
  await files.next();
  await assert.rejects(files.next(), TypeError);
});
