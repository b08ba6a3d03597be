/** Every pair of policies with every kind of answer, and every kind of Secret that may be there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answered,
  condition,
  foreign,
  gone,
  helm,
  inStep,
  never,
  owned,
  sealed,
  tampered,
  viewWith,
  wantedWith,
  writtenTarget,
} from './bed.ts';
import { decide, type Fetched, type View } from './decide.ts';
import { secretPatch, type Target } from './desired.ts';
import type { CreationPolicy, DeletionPolicy } from './wanted.ts';

const creations: readonly CreationPolicy[] = ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'];
const deletions: readonly DeletionPolicy[] = ['Retain', 'Delete', 'Merge'];
const answers: readonly Fetched[] = [
  sealed,
  gone,
  answered({}),
  answered({ a: '1' }),
  answered({ a: '1' }, ['secret "b"']),
  answered({ password: 'p' }),
];
const targets: readonly (Target | undefined)[] = [
  undefined,
  writtenTarget(wantedWith(), { a: '1', password: 'x' }),
  foreign({}),
  foreign(owned),
  foreign(helm),
  foreign({ immutable: true }),
  tampered(writtenTarget(wantedWith(), {})),
];
const priors = [never, inStep, { ...inStep, ready: condition({ status: 'False' as const }) }];

/** Every view there is of these parts. */
function* everyView(): Generator<View> {
  for (const creationPolicy of creations)
    for (const deletionPolicy of deletions)
      for (const fetched of answers)
        for (const target of targets)
          for (const prior of priors)
            for (const immutable of [true, false])
              yield viewWith({ wanted: { creationPolicy, deletionPolicy, immutable }, fetched, target, prior });
}

const keysAfter = (view: View): ReadonlySet<string> => {
  const { act } = decide(view);
  const before = view.target?.seen.keys ?? [];
  if (act.do === 'delete') return new Set();
  if (act.do === 'create') return new Set(act.desired.data.keys());
  if (act.do === 'leave') return new Set(before);
  const patch = secretPatch(view.wanted, act.desired, act.target) as { data: { [key: string]: string | null } };
  const after = new Set(before);
  for (const [key, value] of Object.entries(patch.data)) {
    if (value === null) after.delete(key);
    else after.add(key);
  }
  return after;
};

test('whatever the policies: without an answer of the store nothing is deleted, no key is taken, nothing is written', () => {
  let views = 0;
  for (const view of everyView()) {
    if (view.fetched.kind !== 'failed') continue;
    views += 1;
    const { act, outcome, isRefreshed } = decide(view);
    assert.equal(act.do, 'leave');
    assert.equal(outcome?.status, 'False');
    assert.equal(isRefreshed, false);
  }
  assert.ok(views > 500);
});

test('whatever the policies: a Secret is deleted only on proven absence, where told to, and where it is owned', () => {
  let deletes = 0;
  for (const view of everyView()) {
    if (decide(view).act.do !== 'delete') continue;
    deletes += 1;
    assert.ok(view.fetched.kind === 'data' && view.fetched.absent.length > 0 && view.fetched.data.size === 0);
    assert.deepEqual([view.wanted.deletionPolicy, view.wanted.creationPolicy], ['Delete', 'Owner']);
    assert.ok(view.target?.seen.owners.some(({ uid }) => uid === view.wanted.uid));
  }
  assert.ok(deletes > 0);
});

test('whatever the policies: Retain never empties a Secret, and merging never takes keys of others', () => {
  for (const view of everyView()) {
    const after = keysAfter(view);
    const before = view.target?.seen.keys ?? [];
    const isNothing = view.fetched.kind === 'data' && view.fetched.data.size === 0;
    if (view.wanted.deletionPolicy === 'Retain' && isNothing) assert.deepEqual([...after], before);
    const isMerging = ['Merge', 'CreateOrMerge'].includes(view.wanted.creationPolicy);
    if (isMerging && before.includes('theirs')) assert.ok(after.has('theirs'));
  }
});

test('whatever the policies: only a Secret that is not there is made, and only where one may be', () => {
  for (const view of everyView()) {
    if (decide(view).act.do !== 'create') continue;
    assert.equal(view.target, undefined);
    assert.equal(['Merge', 'None'].includes(view.wanted.creationPolicy), false);
  }
});
