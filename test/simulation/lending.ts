/** Something outside that an engine makes and takes back under leases. It outlives every node, and remembers. */
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '@coffer/server/contracts/engine.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const needs = ['random', 'leases'] as const;
const rows = rowsFor<Cx<(typeof needs)[number]>>();

export const lentType = 'lent';
/** Longer than anything stands still: what is made after its end would be nobody's. */
export const lentSeconds = 6;
const slowestMs = 30;

export interface Lending {
  /** Thing → when it was made. */
  readonly made: Map<string, number>;
  /** Thing → when it was taken back, each time. */
  readonly ended: Map<string, number[]>;
}

export const newLending = (): Lending => ({ made: new Map(), ended: new Map() });

/** As it is on one machine: what it asks of outside takes time, and ends with the machine. */
export const lendingEngine = (world: World, machine: Machine, { made, ended }: Lending): Engine => ({
  kind: 'secret',
  type: lentType,
  summary: 'Things under leases, for the simulation',
  needs,
  rows: [
    rows.read('thing', { summary: 'Make a thing', out: { thing: t.string('Which') }, pure: false }, cx => {
      const thing = cx.random.uuid();
      const wish = { data: new Map([['thing', thing]]), ttlSeconds: lentSeconds, renewable: false };
      return cx.leases.issue(wish, () =>
        machine.arrive(world.chance.below(slowestMs), () => {
          made.set(thing, world.nowMs);
          return { thing };
        }),
      );
    }),
  ],
  leases: {
    revoke: (_, data: ReadonlyMap<string, string>) =>
      machine.arrive(world.chance.below(slowestMs), () => {
        const thing = data.get('thing') ?? '';
        ended.set(thing, [...(ended.get(thing) ?? []), world.nowMs]);
      }),
  },
});
