import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { defaultRotation, Keyring, operationsLimit } from './keyring.ts';

const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
/** format, enabled, most operations, interval, number of terms; then term, installed, encryptions, key for each. */
const stored = [
  '01',
  '01',
  '00000000e6666666',
  '0000000000015180',
  '00000002',
  '00000001',
  '0000019b76da9c00',
  '0000000000010000',
  '11'.repeat(32),
  '00000002',
  '0000019b76da9c01',
  '0000000000000007',
  '22'.repeat(32),
].join('');

test('the keyring is laid down as its format says', () => {
  const ring = Keyring.first(keyOf(0x11), 0x019b76da9c00)
    .counted(65_536)
    .rotated(keyOf(0x22), 0x019b76da9c01)
    .counted(7)
    .withRotation({ ...defaultRotation, intervalSeconds: 86_400 });
  assert.equal(operationsLimit, 0xe6666666);
  assert.equal(ring.encode().toHex(), stored);
  const read = Keyring.decode(Uint8Array.fromHex(stored));
  assert.equal(read.encode().toHex(), stored);
  assert.deepEqual([read.active.term, read.active.encryptions, read.term(1)?.encryptions], [2, 7, 65_536]);
  assert.equal(read.term(3), undefined);
});

test('a keyring of a newer format, cut, longer or without a key is refused', () => {
  const bytes = Uint8Array.fromHex(stored);
  assert.throws(() => Keyring.decode(bytes.with(0, 2)), refusal('data_corrupt', /format 2/));
  assert.throws(() => Keyring.decode(new Uint8Array(0)), refusal('data_corrupt', /format none/));
  assert.throws(() => Keyring.decode(bytes.subarray(0, 22)), refusal('data_corrupt', /damaged/));
  assert.throws(() => Keyring.decode(bytes.subarray(0, -52)), refusal('data_corrupt', /damaged/));
  assert.throws(() => Keyring.decode(bytes.subarray(0, 22).with(21, 0)), refusal('data_corrupt', /holds no key/));
});

test('a wiped keyring is never laid down', () => {
  const ring = Keyring.first(keyOf(1), 0);
  ring.wipe();
  assert.throws(() => ring.encode(), /wiped key/);
});

test('the keyring takes no more terms than its limit', () => {
  const terms = Array.from({ length: 65_536 }, (_, at) => ({ ...Keyring.first(keyOf(1), 0).active, term: at + 1 }));
  const full = new Keyring(terms, defaultRotation);
  assert.throws(() => full.rotated(keyOf(2), 0), refusal('invalid_request', /65536 key terms/));
});
