import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { realRandom } from '../../platform/random/real.ts';
import { decodeToken, makePad, padText } from './pad.ts';

test('a pad has the length asked for, base62, every character about as often as the others', () => {
  const pad = makePad(realRandom(), 62_000);
  assert.match(pad, /^[0-9A-Za-z]{62000}$/);
  const counts = new Map<string, number>();
  for (const character of pad) counts.set(character, (counts.get(character) ?? 0) + 1);
  assert.equal(counts.size, 62);
  for (const count of counts.values()) assert.ok(count > 800 && count < 1_200, `${count}`);
});

test('bytes that would make some characters likelier are drawn again', () => {
  const draws = [Uint8Array.of(248, 255, 0), Uint8Array.of(61, 62, 247)];
  const random = { bytes: () => draws.shift() ?? assert.fail('drawn too often'), uuid: () => '' };
  assert.equal(makePad(random, 3), '0z0');
});

test('a padded token is known bytes, and comes back with the pad alone', () => {
  assert.equal(padText('s.ab', 'ABCD'), 'MmwiJg');
  assert.equal(decodeToken('MmwiJg', 'ABCD'), 's.ab');
  assert.equal(decodeToken('MmwiJg==', 'ABCD'), 's.ab');
});

test('what is not encoded with this pad is refused', () => {
  assert.throws(() => decodeToken('', 'ABCD'), refusal('invalid_request', /^missing encoded_token$/));
  assert.throws(() => decodeToken('MmwiJg', ''), refusal('invalid_request', /^missing otp$/));
  assert.throws(() => decodeToken('MmwiJg', 'ABC'), refusal('invalid_request', /different lengths/));
  for (const text of ['!!', 'A'.repeat(100_000)])
    assert.throws(() => decodeToken(text, 'ABCD'), refusal('invalid_request', /not a token/));
  assert.throws(() => decodeToken('/////w', 'ABCD'), refusal('invalid_request', /not a token/));
  assert.throws(() => padText('s.abc', 'ABCD'), refusal('invalid_request', /different lengths/));
});
