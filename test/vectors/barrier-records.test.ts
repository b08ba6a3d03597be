/** Stored records as other versions wrote them: their bytes must not change, and each damaged one must fail as told. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CofferError } from '@coffer/schema/errors.ts';
import { markOf, openRecord, recordOverheadBytes, sealRecord, termOf } from '@coffer/server/core/barrier/record.ts';
import { AeadKey } from '@coffer/server/platform/crypto/aead.ts';

interface Opening {
  readonly name: string;
  readonly storeId: string;
  readonly key: string;
  readonly dataKey: string;
  readonly record: string;
  readonly term: number;
  readonly writeId: string;
  readonly nonce: string;
  readonly plaintext: string;
}
interface Failing extends Pick<Opening, 'name' | 'storeId' | 'key' | 'dataKey' | 'record'> {
  readonly failure: string;
}

const { opens, fails } = JSON.parse(readFileSync(new URL('barrier-records.json', import.meta.url), 'utf8')) as {
  readonly opens: readonly Opening[];
  readonly fails: readonly Failing[];
};
const hex = Uint8Array.fromHex;
const aeadOf = ({ dataKey }: { readonly dataKey: string }): AeadKey => new AeadKey(hex(dataKey));

for (const one of opens) {
  test(`the stored record opens, and is written in the same bytes: ${one.name}`, () => {
    const place = { storeId: hex(one.storeId), key: one.key };
    const record = hex(one.record);
    assert.equal(termOf(record, one.key), one.term);
    assert.equal(openRecord(aeadOf(one), place, record).toHex(), one.plaintext);
    const sealing = { ...place, term: one.term, writeId: hex(one.writeId), nonce: hex(one.nonce) };
    assert.equal(sealRecord(aeadOf(one), sealing, hex(one.plaintext)).toHex(), one.record);
    assert.equal(record.length, recordOverheadBytes + one.plaintext.length / 2);
    const mark = markOf(record);
    assert.deepEqual([mark.writeId.toHex(), mark.tag.toHex()], [one.writeId, one.record.slice(-32)]);
  });
}

for (const one of fails) {
  test(`S26: the stored record does not open: ${one.name}`, () => {
    const open = () => openRecord(aeadOf(one), { storeId: hex(one.storeId), key: one.key }, hex(one.record));
    assert.throws(
      open,
      (error: CofferError) => error.code === 'data_corrupt' && error.publicMessage.includes(one.failure),
    );
  });
}
