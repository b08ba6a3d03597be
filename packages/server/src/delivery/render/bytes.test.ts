import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesOfString,
  codes,
  pieces,
  runeAt,
  stringOfBytes,
  stringOfRune,
  stringOfText,
  textOfString,
} from './bytes.ts';

test('bytes and texts come back as they were', () => {
  const every = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
  assert.deepEqual(bytesOfString(stringOfBytes(every)), every);
  for (const text of ['', 'a', 'é☃😀', '\u{feff}x', '\0']) assert.equal(textOfString(stringOfText(text)), text);
});

test('runes are found as Go finds them', () => {
  assert.deepEqual(codes(stringOfText('aé☃😀')), [0x61, 0xe9, 0x2603, 0x1f600]);
  const broken = [
    '\x80',
    '\xc3',
    '\xc0\x80',
    '\xe0\x80\x80',
    '\xed\xa0\x80',
    '\xf4\x90\x80\x80',
    '\xf5\x80\x80\x80',
    '\xe2\x82',
  ];
  for (const string of broken) assert.deepEqual(runeAt(string, 0), { code: 0xfffd, length: 1 }, JSON.stringify(string));
  assert.deepEqual(pieces('\xc3\x28'), ['\xc3', '(']);
  assert.equal(stringOfRune(0xd800), '\xef\xbf\xbd');
});
