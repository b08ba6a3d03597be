/** Random commits and reads against a model too simple to be wrong. The seed is in the name of the test. */
import assert from 'node:assert/strict';
import type { Check, Expect, Write } from '../../packages/server/src/contracts/storage.ts';
import { bytes, freshId, text } from './store-given.ts';
import type { OnStore, Opened } from './store-given.ts';

const steps = 400;
const seeds = [1, 20_260_101, 4_294_967_295];
const alphabet = ['a', 'b', '/', '\u0000', 'é', '\uffff', '\u{10000}'];

type Model = Map<string, { readonly value: string; readonly revision: number }>;

class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  key(): string {
    return Array.from({ length: 1 + this.below(3) }, () => alphabet[this.below(alphabet.length)] ?? '').join('');
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

const ordered = (model: Model): string[] =>
  [...model.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const holds = (model: Model, { key, expect }: Check): boolean => {
  const revision = model.get(key)?.revision;
  return expect === 'absent'
    ? revision === undefined
    : expect === 'present'
      ? revision !== undefined
      : revision === expect;
};

const randomCheck = (dice: Dice, model: Model): Check => {
  const key = dice.key();
  const expects: Expect[] = ['absent', 'present', model.get(key)?.revision ?? 1];
  return { key, expect: expects[dice.below(expects.length)] ?? 'absent' };
};

const randomWrite = (dice: Dice): Write => ({
  key: dice.key(),
  value: dice.below(4) === 0 ? undefined : bytes(`v${dice.below(1_000_000)}`),
});

const apply = (model: Model, writes: readonly Write[], revision: number): void => {
  for (const { key, value } of writes) {
    if (value === undefined) model.delete(key);
    else model.set(key, { value: text(value), revision });
  }
};

/** Commits together several random commits, whose outcome the model foretells. */
const commitSome = async (store: Opened, model: Model, run: { dice: Dice; head: number }): Promise<void> => {
  const expected: unknown[] = [];
  const made = run.dice.some(4, () => {
    const checks = run.dice.some(2, () => randomCheck(run.dice, model));
    const writes = run.dice.some(3, () => randomWrite(run.dice));
    const failed = checks.find(check => !holds(model, check));
    if (failed === undefined) apply(model, writes, ++run.head);
    expected.push(failed === undefined ? { ok: true, revision: run.head } : { ok: false, failed });
    return store.commit({ id: freshId(), checks, writes });
  });
  assert.deepEqual(await Promise.all(made), expected);
};

const compareReads = async (store: Opened, model: Model, dice: Dice): Promise<void> => {
  const key = dice.key();
  const stored = await store.get(key);
  assert.deepEqual(stored && { value: text(stored.value), revision: stored.revision }, model.get(key));
  const prefix = dice.below(3) === 0 ? '' : dice.key();
  const after = dice.below(2) === 0 ? undefined : dice.key();
  const limit = dice.below(12);
  const isAfter = (other: string) => after === undefined || Buffer.compare(Buffer.from(other), Buffer.from(after)) > 0;
  const expected = ordered(model).filter(other => other.startsWith(prefix) && isAfter(other));
  const found = await store.range(prefix, { limit, ...(after === undefined ? {} : { after }) });
  assert.deepEqual(
    found.map(entry => [entry.key, text(entry.value), entry.revision]),
    expected.slice(0, limit).map(other => [other, model.get(other)?.value, model.get(other)?.revision]),
  );
};

export const modelConformance = (on: OnStore, persistent: boolean): void => {
  for (const seed of seeds) {
    on(`random commits and reads agree with a model, seed ${seed}`, async (store, place) => {
      const model: Model = new Map();
      const run = { dice: new Dice(seed), head: 0 };
      for (let step = 0; step < steps; step++) {
        await commitSome(store, model, run);
        await compareReads(store, model, run.dice);
      }
      assert.equal(await store.head(), run.head);
      if (!persistent) return;
      await store.close();
      const again = await place.open(place.directory);
      for (let i = 0; i < 50; i++) await compareReads(again, model, run.dice);
      await again.close();
    });
  }
};
