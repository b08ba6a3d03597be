/** Create, delete and tamper: each from the first request until the last Secret was seen to be right. */
import { makeExternalSecret, password, putPassword, removeSecret, tamper } from './objects.ts';
import { forAll } from './parallel.ts';
import type { Place } from './place.ts';
import { beginUsage, type Used } from './usage.ts';

export interface Phase extends Used {
  readonly seconds: number;
}

export type PhaseName = 'create' | 'recreate' | 'repair';

const stillMs = 1500;

/** Does this to the object; answers the version that its Secret has to be later than. */
type Disturb = (place: Place, name: string) => Promise<number>;

const disturbances: { readonly [P in PhaseName]: Disturb } = {
  create: async ({ kube }, name) => {
    await makeExternalSecret(kube, name);
    return 0;
  },
  recreate: async ({ kube, sight }, name) => {
    const version = sight.versionOf(name);
    await removeSecret(kube, name);
    return version;
  },
  repair: ({ kube }, name) => tamper(kube, name),
};

export const phaseNames = Object.keys(disturbances) as readonly PhaseName[];

/** What they are to read. */
export const fillStore = ({ bed }: Place, names: readonly string[]): Promise<void> =>
  forAll(names, name => putPassword(bed.store.api, name, password(name, 0)));

export const runPhase = async (place: Place, phase: PhaseName, names: readonly string[]): Promise<Phase> => {
  const { sight } = place;
  await sight.untilStill(stillMs);
  const used = beginUsage(place);
  const startMs = performance.now();
  const right: Promise<number>[] = [];
  await forAll(names, async name => {
    const after = await disturbances[phase](place, name);
    right.push(sight.untilRight(name, { value: password(name, 0), after }));
  });
  const endMs = Math.max(...(await Promise.all(right)));
  const result = { seconds: (endMs - startMs) / 1000, ...used() };
  await refuseWrong(place, names);
  return result;
};

/** Right once and wrong again would be no result. */
const refuseWrong = async ({ sight }: Place, names: readonly string[]): Promise<void> => {
  await sight.untilStill(stillMs);
  const wrong = names.filter(name => !sight.isRight(name, { value: password(name, 0), after: 0 }));
  if (wrong.length > 0) throw new Error(`${wrong.length} Secrets are wrong in the end, such as ${wrong[0]}`);
};
