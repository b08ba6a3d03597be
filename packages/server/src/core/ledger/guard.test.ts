import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HmacKey } from '../../platform/crypto/hash.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { realRandom } from '../../platform/random/real.ts';
import type { Commit, CommitResult, Storage, Stored } from '../../contracts/storage.ts';
import { AeadKey } from '../../platform/crypto/aead.ts';
import { sealRecord } from '../barrier/record.ts';
import { WriteIds } from '../barrier/write-ids.ts';
import { Guard, markOfStored } from './guard.ts';
import { Ledger } from './ledger.ts';

const random = realRandom();
const quiet = { write: () => {}, with: () => quiet };
const key = '1/root/m/a';

/** A storage whose commits can be seen before those who made them are told, and whose reads answer when they are let. */
class Late implements Storage {
  readonly under = openMemoryStore();
  answers: (() => void)[] = [];
  isLate = false;
  reads: (() => void)[] | undefined;

  get(asked: string): Stored | undefined | Promise<Stored | undefined> {
    const stored = this.under.get(asked);
    if (this.reads === undefined) return stored;
    return new Promise(resolve => void this.reads?.push(() => resolve(stored)));
  }

  range: Storage['range'] = (...asked) => this.under.range(...asked);
  changes: Storage['changes'] = (...asked) => this.under.changes(...asked);

  async commit(commit: Commit): Promise<CommitResult> {
    const result = await this.under.commit(commit);
    if (this.isLate) await new Promise<void>(resolve => void this.answers.push(resolve));
    return result;
  }
}

const make = () => {
  const [storage, ids, aead] = [new Late(), new WriteIds(random), new AeadKey(random.bytes(32))];
  const guard = new Guard({ storage, covers: () => true, lane: () => ids.lane, log: quiet });
  guard.use(new Ledger(new HmacKey(random.bytes(32))));
  guard.isMarked = true;
  const commitOf = (text: string | undefined): Commit => {
    const writeId = ids.next();
    const place = { storeId: random.bytes(16), key, term: 1, writeId, nonce: random.bytes(12) };
    const value = text === undefined ? undefined : sealRecord(aead, place, new TextEncoder().encode(text));
    return { id: writeId.toHex(), writes: [{ key, value }] };
  };
  return { storage, guard, commitOf, commit: (text: string | undefined) => guard.commit(commitOf(text)) };
};

const valueIn = (store: ReturnType<typeof openMemoryStore>): Uint8Array | undefined => {
  const stored = store.get(key);
  assert.ok(!(stored instanceof Promise));
  return stored?.value;
};

const turn = () => new Promise(done => setImmediate(done));

test('what is being committed is handed out, before and after its writer is told', async () => {
  const { storage, guard, commit } = make();
  await commit('one');
  storage.isLate = true;
  for (const text of ['two', undefined, 'three']) {
    const made = commit(text);
    await turn();
    const found = guard.get(key);
    assert.ok(!(found instanceof Promise), 'nobody waits');
    assert.equal(found === undefined, text === undefined);
    assert.equal(guard.upTo < 5, true);
    storage.answers.shift()?.();
    await made;
    assert.equal((await guard.get(key)) === undefined, text === undefined);
  }
  assert.equal(guard.upTo, 4);
  assert.equal(guard.refused.size, 0);
});

test('a read that was answered late is made again', async () => {
  const { storage, guard, commit } = make();
  await commit('one');
  storage.reads = [];
  const read = guard.get(key);
  await commit('two');
  storage.reads.shift()?.();
  await turn();
  storage.reads.shift()?.();
  const found = await read;
  storage.reads = undefined;
  assert.deepEqual(found?.value, valueIn(storage.under));
  assert.equal(guard.refused.size, 0);
});

test('a commit that is refused, or fails, changes nothing of what is the newest', async () => {
  const { storage, guard, commitOf, commit } = make();
  await commit('one');
  const refused = await guard.commit({ ...commitOf('two'), checks: [{ key, expect: 'absent' }] });
  assert.equal(refused.ok, false);
  assert.notEqual(await guard.get(key), undefined);
  await storage.under.close();
  await assert.rejects(commit('three'));
  await guard.idle();
});

test('an earlier record, another lane, one that was removed and one that is gone are refused, and told once until they are put right', async () => {
  const { storage, guard, commit } = make();
  const back = (value: Uint8Array | undefined) =>
    storage.under.commit({ id: random.bytes(16).toHex(), writes: [{ key, value }] });
  const code = (expected: RegExp) => (error: unknown) => {
    const { code: got, publicMessage } = error as { code: string; publicMessage: string };
    assert.equal(got, 'data_corrupt');
    assert.match(publicMessage, expected);
    return true;
  };
  let told = 0;
  guard.refusing = () => void told++;
  await commit('one');
  const first = valueIn(storage.under);
  await commit('two');
  await back(first);
  await assert.rejects(async () => guard.get(key), code(/not the one that was written last/));
  await assert.rejects(async () => guard.range('1/'), code(/not the one that was written last/));
  await back(undefined);
  await assert.rejects(async () => guard.get(key), code(/is gone/));
  await commit('three');
  assert.notEqual(await guard.get(key), undefined);
  await commit(undefined);
  await back(first);
  await assert.rejects(async () => guard.get(key), code(/was put back/));
  await assert.rejects(guard.verify({ key, value: first ?? new Uint8Array(), revision: 1 }), code(/was put back/));
  // Written in between, it was put right once.
  assert.deepEqual([told, [...guard.refused]], [2, [key]]);
});

test('what is committed while a ledger is begun is newer than what is learnt, in whichever order it is met', async () => {
  const { storage, guard, commit } = make();
  await commit('one');
  const first = await storage.under.get(key);
  const ledger = new Ledger(new HmacKey(random.bytes(32)));
  ledger.beginLearning();
  guard.use(ledger);
  guard.isResting = true;
  assert.notEqual(await guard.get(key), undefined, 'nothing is refused yet');
  await commit('two');
  ledger.learn(key, markOfStored(first));
  ledger.endLearning();
  guard.isResting = false;
  assert.deepEqual((await guard.get(key))?.value, valueIn(storage.under));
  assert.equal(guard.refused.size, 0);
});
