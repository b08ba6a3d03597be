import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { initialize, readText, rigOver } from '../../../../../test/conformance/seal-rig.ts';
import type { AutoSeal } from '../../contracts/seal.ts';
import { realRandom } from '../../platform/random/real.ts';
import { openStaticSeal } from './static.ts';
import type { StaticKey } from './static.ts';

const raw = randomBytes(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = new Map<string, Uint8Array>([
  ['file:///raw', raw],
  ['file:///hex', bytes(`${raw.toString('hex')}\n`)],
  ['file:///base64', bytes(`${raw.toString('base64')}\n`)],
  ['env://KEY', bytes(raw.toString('base64'))],
  ['file:///short', raw.subarray(1)],
  ['file:///empty', new Uint8Array(0)],
]);
const ports = {
  random: realRandom(),
  resolve: (reference: string): Promise<Uint8Array> => {
    const found = files.get(reference);
    return found === undefined ? Promise.reject(new Error(`no ${reference}`)) : Promise.resolve(Uint8Array.from(found));
  },
};
const open = async (current: StaticKey, previous?: StaticKey): Promise<AutoSeal> => {
  const { auto, type } = await openStaticSeal({ current, ...(previous === undefined ? {} : { previous }) }, ports);
  assert.equal(type, 'static');
  assert.ok(auto);
  return auto;
};
const context = bytes('context');

test('one key in any form and from any place is the same key', async () => {
  const first = await open({ id: 'a', key: 'file:///raw' });
  const wrapped = await first.wrap(bytes('root'), context);
  for (const key of ['file:///hex', 'file:///base64', 'env://KEY', raw.toString('hex'), raw.toString('base64')]) {
    assert.deepEqual(await (await open({ id: 'a', key })).unwrap(wrapped, context), bytes('root'));
  }
});

test('what is no key of 32 bytes is refused by its place, without its content', async () => {
  for (const key of ['file:///short', 'file:///empty', 'marked', 'aa'.repeat(31)]) {
    await assert.rejects(open({ id: 'a', key }), (error: Error) => {
      assert.match(error.message, /current_key.* is no key of 32 bytes/);
      return !error.message.includes('marked') && !error.message.includes('aaaa');
    });
  }
  await assert.rejects(open({ id: 'a', key: 'file:///none' }), /no file:\/\/\/none/);
  await assert.rejects(open({ id: '', key: 'file:///raw' }), refusal('usage', /current_key_id/));
  await assert.rejects(
    open({ id: 'a', key: 'file:///raw' }, { id: 'a', key: 'file:///raw' }),
    refusal('usage', /same/),
  );
});

test('S26: another key, context or key id, and every changed byte, open nothing', async () => {
  const seal = await open({ id: 'a', key: 'file:///raw' }, { id: 'b', key: 'file:///hex' });
  const wrapped = await seal.wrap(bytes('root'), context);
  const refused = refusal('data_corrupt', /does not open with key|damaged/);
  await assert.rejects(seal.unwrap(wrapped, bytes('other')), refused);
  await assert.rejects(seal.unwrap({ ...wrapped, keyId: 'b' }, context), refused);
  for (let at = 0; at < wrapped.ciphertext.length; at++) {
    const ciphertext = wrapped.ciphertext.with(at, (wrapped.ciphertext[at] ?? 0) ^ 1);
    await assert.rejects(seal.unwrap({ ...wrapped, ciphertext }, context), refused);
    await assert.rejects(seal.unwrap({ ...wrapped, ciphertext: ciphertext.subarray(0, at) }, context), refused);
  }
  const other = await open({ id: 'a', key: '01'.repeat(32) });
  await assert.rejects(other.unwrap(wrapped, context), refused);
});

test('a changed key: the previous one opens, the root key is wrapped anew, and then the previous one is not needed', async () => {
  const one = { id: 'one', key: '01'.repeat(32) };
  const two = { id: 'two', key: '02'.repeat(32) };
  const rig = rigOver(await openStaticSeal({ current: one }, ports));
  await initialize(rig, 1, 1);
  const unknown = rigOver(await openStaticSeal({ current: two }, ports), rig.storage);
  await assert.rejects(
    unknown.keeper.autoUnseal(),
    refusal('usage', /wrapped with key "one", the configuration names "two"/),
  );
  const both = rigOver(await openStaticSeal({ current: two, previous: one }, ports), rig.storage);
  assert.equal(await both.keeper.autoUnseal(), true);
  const after = rigOver(await openStaticSeal({ current: two }, ports), rig.storage);
  assert.equal(await after.keeper.autoUnseal(), true);
  assert.equal(await readText(after.cache), 'filled');
  const before = rigOver(await openStaticSeal({ current: one }, ports), rig.storage);
  await assert.rejects(before.keeper.autoUnseal(), refusal('usage', /wrapped with key "two"/));
});

test('another key under the same id opens nothing', async () => {
  const rig = rigOver(await openStaticSeal({ current: { id: 'one', key: '01'.repeat(32) } }, ports));
  await initialize(rig, 1, 1);
  const wrong = rigOver(await openStaticSeal({ current: { id: 'one', key: '02'.repeat(32) } }, ports), rig.storage);
  await assert.rejects(wrong.keeper.autoUnseal(), refusal('data_corrupt', /does not open with key "one"/));
  assert.equal(wrong.keeper.sealed, true);
});
