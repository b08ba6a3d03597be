/** A store with an anchor and a ledger, its server started anew at will, and what somebody does to it who has only the storage. */
import assert from 'node:assert/strict';
import type { AnchorPlace } from '@coffer/server/contracts/anchor.ts';
import type { ChangeEvent, Write } from '@coffer/server/contracts/storage.ts';
import { allRecords } from '@coffer/server/core/ledger/all-records.ts';
import { type MemoryStorage, openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { type Bed, type BedOptions, openBed, TestClock } from './bed.ts';

export const lagMs = 1000;

export class Place implements AnchorPlace {
  readonly name = '/else/where';
  text: string | undefined;

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    this.text = text;
  }
}

export interface Made {
  readonly store: MemoryStorage;
  readonly place: Place;
  readonly clock: TestClock;
  readonly keys: readonly string[];
  readonly rootToken: string;
  readonly bed: Bed;
}

export const anchorOf = (store: MemoryStorage, place: Place) => ({ place, maxLagMs: lagMs, head: () => store.head() });

export const begin = async (options: BedOptions = {}, historyLimit = 100_000): Promise<Made> => {
  const [store, place, clock] = [openMemoryStore({ historyLimit }), new Place(), new TestClock()];
  const bed = await openBed({ storage: store, clock, anchor: anchorOf(store, place), ...options });
  return { store, place, clock, bed, keys: bed.unsealKeys, rootToken: bed.rootToken };
};

/** The server starts anew over what is there. One that was not sealed has crashed, and does nothing more. */
export const restart = async (made: Made, options: BedOptions = {}): Promise<Made> => {
  const { store, place, keys, rootToken } = made;
  const clock = new TestClock();
  const bed = await openBed({ storage: store, clock, anchor: anchorOf(store, place), closed: true, ...options });
  for (const key of keys) await bed.core.seal.submitKey(key);
  const root: Bed['root'] = (method, path, body) => bed.ask(method, path, { token: rootToken, body });
  return { ...made, clock, bed: { ...bed, root } };
};

export type Records = ReadonlyMap<string, Uint8Array>;

export const allOf = async (store: MemoryStorage): Promise<Records> => {
  const records = new Map<string, Uint8Array>();
  for await (const { key, value } of allRecords(store)) records.set(key, value);
  return records;
};

let attacks = 0;
export const attack = async (
  store: MemoryStorage,
  writes: readonly Write[],
  events: readonly ChangeEvent[] = [],
): Promise<void> => {
  const id = (++attacks).toString(16).padStart(32, '0');
  assert.equal((await store.commit({ id, writes, events })).ok, true);
};

export const put = async ({ bed }: Made, path: string, value: string): Promise<void> =>
  assert.equal((await bed.root('POST', `secret/data/${path}`, { data: { value } })).status, 200);
export const valueOf = async ({ bed }: Made, path: string) => {
  const { status, json } = await bed.root('GET', `secret/data/${path}`);
  return status === 200 ? json.data.data.value : status;
};
export const statusOf = async ({ bed }: Made) => (await bed.root('GET', 'sys/anchor')).json.data;
export const codeIn = ({ bed }: Made): string =>
  /"code":"([0-9a-f]{8})"/.exec(bed.logged.findLast(line => line.includes('accept-rollback')) ?? '')?.[1] ?? '';
export const logs = ({ bed }: Made, text: string): boolean => bed.logged.some(line => line.includes(text));

/** Keys whose records differ between the two. */
export const changedBetween = (before: Records, after: Records): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter(key => key.startsWith('1/root/') && !key.includes('/anchor/') && before.get(key) !== after.get(key))
    .filter(key => Buffer.compare(before.get(key) ?? Buffer.of(), after.get(key) ?? Buffer.of()) !== 0);

/** Something is written, changed and removed; what the attacker has seen at each time. */
export const history = async (made: Made) => {
  await put(made, 'a', 'first');
  await put(made, 'kept', 'kept');
  await put(made, 'gone', 'gone');
  const before = await allOf(made.store);
  await put(made, 'a', 'second');
  assert.equal((await made.bed.root('DELETE', 'secret/metadata/gone')).status, 204);
  return { before, after: await allOf(made.store) };
};
