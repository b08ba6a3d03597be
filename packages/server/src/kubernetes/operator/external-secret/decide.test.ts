import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answered,
  condition,
  dataOfTexts,
  foreign,
  gone,
  helm,
  hourMs,
  inStep,
  never,
  nowMs,
  owned,
  sealed,
  tampered,
  type ViewChanges,
  viewWith,
  wantedWith,
  writtenTarget,
} from './bed.ts';
import { decide, decideEarly, type Fetched, type View } from './decide.ts';
import { secretPatch } from './desired.ts';
import { Mends } from './mends.ts';

type Case = readonly [name: string, changes: ViewChanges, act: string, reason: string, message: RegExp];

const cases: readonly Case[] = [
  ['a Secret that is not there is made', {}, 'create', 'SecretSynced', /^secret synced$/],
  ['one that differs is changed', { secret: { password: 'old' } }, 'patch', 'SecretSynced', /^secret synced$/],
  ['one that is right is left', { secret: { password: 'p' } }, 'leave', 'SecretSynced', /^secret synced$/],
  [
    'a store that fails changes nothing',
    { fetched: sealed, secret: { a: 'b' } },
    'leave',
    'SecretSyncedError',
    /^secret store "x" is sealed: unseal it; not in step since 2026-01-02T03:04:05Z, the Secret stays as it is$/,
  ],
  [
    'Retain: what is gone is told',
    { fetched: gone, secret: { a: 'b' } },
    'leave',
    'SecretSyncedError',
    /^secret "team\/db" not found: write it there, or set/,
  ],
  [
    'Retain: an empty answer keeps the Secret',
    { fetched: answered({}), secret: { a: 'b' } },
    'leave',
    'SecretSynced',
    /retained due to DeletionPolicy=Retain/,
  ],
  [
    'Delete: what is gone takes the Secret with it',
    { wanted: { deletionPolicy: 'Delete' }, fetched: gone, secret: { a: 'b' } },
    'delete',
    'SecretDeleted',
    /deleted due to DeletionPolicy=Delete/,
  ],
  [
    'Delete: nothing is deleted where one entry is there and empty',
    {
      wanted: { deletionPolicy: 'Delete' },
      fetched: { ...answered({}, ['secret "a"']), isAllAbsent: false } as Fetched,
      secret: { a: 'b' },
    },
    'leave',
    'SecretSynced',
    /^secret retained: what the store has is empty, not deleted$/,
  ],
  [
    'a Secret that stands for an identity of the cluster is left',
    { target: foreign({ type: 'kubernetes.io/service-account-token' }) },
    'leave',
    'SecretSyncedError',
    /Secret "db-secret" has type kubernetes\.io\/service-account-token, which the cluster itself reads/,
  ],
  [
    'and is not merged into',
    { wanted: { creationPolicy: 'Merge' }, target: foreign({ type: 'bootstrap.kubernetes.io/token' }) },
    'leave',
    'SecretSyncedError',
    /choose another target\.name/,
  ],
  [
    'Delete: a part that is gone takes its key',
    { wanted: { deletionPolicy: 'Delete' }, fetched: answered({ b: '1' }, ['secret "a"']), secret: { a: 'b', b: '1' } },
    'patch',
    'SecretSynced',
    /synced/,
  ],
  [
    'Delete: a Secret that is not owned stays',
    { wanted: { deletionPolicy: 'Delete' }, fetched: gone, target: foreign({}) },
    'leave',
    'SecretDeleted',
    /deleted/,
  ],
  [
    'Delete and Orphan: nothing is deleted',
    { wanted: { deletionPolicy: 'Delete', creationPolicy: 'Orphan' }, fetched: gone, secret: { a: 'b' } },
    'leave',
    'SecretSyncedError',
    /only a Secret that is owned is deleted/,
  ],
  [
    'Merge: what is gone takes its keys',
    { wanted: { deletionPolicy: 'Merge' }, fetched: gone, secret: { a: 'b' } },
    'patch',
    'SecretSynced',
    /synced/,
  ],
  ['None makes nothing', { wanted: { creationPolicy: 'None' } }, 'leave', 'SecretSynced', /synced/],
  [
    'Merge waits for the Secret',
    { wanted: { creationPolicy: 'Merge' } },
    'leave',
    'SecretMissing',
    /CreationPolicy=Merge/,
  ],
  [
    'Merge into a Secret of others',
    { wanted: { creationPolicy: 'Merge' }, target: foreign(helm) },
    'patch',
    'SecretSynced',
    /synced/,
  ],
  ['CreateOrMerge makes it', { wanted: { creationPolicy: 'CreateOrMerge' } }, 'create', 'SecretSynced', /synced/],
  ['Orphan makes it', { wanted: { creationPolicy: 'Orphan' } }, 'create', 'SecretSynced', /synced/],
  ['Owner takes a Secret that nobody owns', { target: foreign({}) }, 'patch', 'SecretSynced', /synced/],
  [
    'Orphan leaves what something else controls: it would take all keys',
    { wanted: { creationPolicy: 'Orphan' }, target: foreign(helm) },
    'leave',
    'SecretSyncedError',
    /^failed to take ownership of target secret: Secret "db-secret" belongs to HelmRelease "shop"/,
  ],
  [
    'Owner leaves what another ExternalSecret owns',
    { target: foreign(owned) },
    'leave',
    'SecretSyncedError',
    /target is owned by another ExternalSecret: Secret "db-secret" belongs to ExternalSecret "other"/,
  ],
  [
    'Owner leaves what something else owns',
    { target: foreign(helm) },
    'leave',
    'SecretSyncedError',
    /failed to take ownership of target secret: Secret "db-secret" belongs to HelmRelease "shop"/,
  ],
  [
    'Merge leaves what another ExternalSecret owns',
    { wanted: { creationPolicy: 'Merge' }, target: foreign(owned) },
    'leave',
    'SecretSyncedError',
    /owned by another/,
  ],
  [
    'an immutable Secret that differs is told',
    { target: foreign({ immutable: true }) },
    'leave',
    'SecretSyncedError',
    /could not update secret, target is immutable/,
  ],
];

for (const [name, changes, act, reason, message] of cases) {
  test(name, () => {
    const verdict = decide(viewWith(changes));
    assert.equal(verdict.act.do, act);
    assert.equal(verdict.outcome?.reason, reason);
    assert.match(verdict.outcome?.message ?? '', message);
    assert.equal(verdict.outcome?.message.includes('\n'), false);
  });
}

const patchOf = (view: View): { data: unknown; metadata: { [field: string]: unknown } } => {
  const { act } = decide(view);
  assert.equal(act.do, 'patch');
  return secretPatch(
    view.wanted,
    act.do === 'patch' ? act.desired : assert.fail(),
    view.target ?? assert.fail(),
  ) as never;
};

test('a Secret of our own loses what others put into it; one that is merged into keeps it', () => {
  const target = writtenTarget(wantedWith(), { password: 'old', stale: 's' });
  const more = {
    seen: { ...target.seen, keys: [...target.seen.keys, 'theirs'] },
    data: new Map([...(target.data ?? []), ...dataOfTexts({ theirs: 't' })]),
  };
  assert.deepEqual(patchOf(viewWith({ target: more })).data, { password: 'cA==', stale: null, theirs: null });
  const merging = viewWith({ target: more, wanted: { creationPolicy: 'Merge' } });
  assert.deepEqual(patchOf(merging).data, { password: 'cA==', stale: null, theirs: 'dA==' });
});

test('values of others that are not known are not taken away either', () => {
  const { seen } = writtenTarget(wantedWith(), { password: 'old' });
  const blind = { seen: { ...seen, keys: [...seen.keys, 'theirs'] } };
  const { data: written } = patchOf(viewWith({ target: blind, wanted: { creationPolicy: 'CreateOrMerge' } }));
  assert.deepEqual(written, { password: 'cA==' });
});

test('who no longer owns takes the reference and the label away', () => {
  const target = writtenTarget(wantedWith(), { password: 'p' });
  const { metadata } = patchOf(viewWith({ target, wanted: { creationPolicy: 'Orphan' } }));
  assert.deepEqual(metadata['ownerReferences'], []);
  assert.equal((metadata['labels'] as { [name: string]: unknown })['reconcile.external-secrets.io/created-by'], null);
});

test('the reference of a predecessor of the same name gives way', () => {
  const before = writtenTarget(wantedWith({ uid: 'uid-before' }), { password: 'p' });
  const { metadata } = patchOf(viewWith({ target: before }));
  assert.deepEqual(
    (metadata['ownerReferences'] as { uid: string }[]).map(({ uid }) => uid),
    ['uid-es'],
  );
});

test('a failure says since when, and says it once', () => {
  const first = decide(viewWith({ fetched: sealed, prior: inStep }));
  const message = first.outcome?.message ?? '';
  assert.match(message, /since 2026-01-02T03:04:05Z/);
  assert.equal(first.events.length, 1);
  const prior = {
    ...inStep,
    ready: condition({ status: 'False', message, lastTransitionTime: '2026-01-02T03:04:05Z' }),
  };
  const second = decide({ ...viewWith({ fetched: sealed, prior }), nowMs: nowMs + hourMs });
  assert.equal(second.outcome?.message, message);
  assert.equal(second.events.length, 0);
});

type EarlyCase = readonly [name: string, changes: ViewChanges, isDue: boolean];
const right = { secret: { password: 'p' }, prior: inStep } as const;
const elapsed = { ...inStep, refreshedAtMs: nowMs - hourMs };

const earlyCases: readonly EarlyCase[] = [
  ['never in step', {}, true],
  ['in step', right, false],
  ['the interval is over', { ...right, prior: elapsed }, true],
  ['the interval is over, and it is 0', { ...right, prior: elapsed, wanted: { refreshIntervalMs: 0 } }, false],
  ['the interval is over, OnChange', { ...right, prior: elapsed, wanted: { refreshPolicy: 'OnChange' } }, false],
  ['the interval is over, CreatedOnce', { ...right, prior: elapsed, wanted: { refreshPolicy: 'CreatedOnce' } }, false],
  ['changed', { ...right, wanted: { version: '2-aa' } }, true],
  ['changed, CreatedOnce', { ...right, wanted: { version: '2-aa', refreshPolicy: 'CreatedOnce' } }, false],
  [
    'tampered, CreatedOnce',
    {
      prior: inStep,
      wanted: { refreshPolicy: 'CreatedOnce' },
      target: tampered(writtenTarget(wantedWith(), { password: 'p' })),
    },
    true,
  ],
  ['told', { ...right, told: true }, true],
  ['told, OnChange', { ...right, told: true, wanted: { refreshPolicy: 'OnChange' } }, false],
  ['failed before', { ...right, prior: { ...inStep, ready: condition({ status: 'False' }) } }, true],
  ['the Secret is not there', { prior: inStep }, true],
  ['the Secret is not there, Orphan', { prior: inStep, wanted: { creationPolicy: 'Orphan' } }, false],
  ['the Secret is not there, as told', { prior: { ...inStep, ready: condition({ reason: 'SecretDeleted' }) } }, false],
  ['nothing is created', { prior: inStep, wanted: { creationPolicy: 'None' } }, false],
  [
    'owned by a predecessor',
    { prior: inStep, target: writtenTarget(wantedWith({ uid: 'before' }), { password: 'p' }) },
    true,
  ],
  ['tampered', { prior: inStep, target: tampered(writtenTarget(wantedWith(), { password: 'p' })) }, true],
];

for (const [name, changes, isDue] of earlyCases) {
  test(`the store is ${isDue ? '' : 'not '}asked: ${name}`, () => {
    const verdict = decideEarly(viewWith(changes));
    assert.equal(verdict === undefined, isDue);
    if (verdict !== undefined) assert.deepEqual([verdict.act.do, verdict.outcome], ['leave', undefined]);
  });
}

test('it comes again when the interval is over', () => {
  assert.deepEqual(decideEarly(viewWith(right))?.next, { afterMs: hourMs - 60_000 });
  assert.deepEqual(decide(viewWith(right)).next, { afterMs: hourMs });
});

test('what others change again and again is told and waits; what is asked for does not', () => {
  const mended = { prior: inStep, target: tampered(writtenTarget(wantedWith(), { password: 'p' })), contested: true };
  const verdict = decideEarly(viewWith(mended));
  assert.match(verdict?.outcome?.message ?? '', /^Secret "db-secret" is changed by others as often as it is mended: /);
  assert.deepEqual(verdict?.next, { afterMs: 10_000 });
  assert.equal(decideEarly(viewWith({ ...mended, told: true })), undefined);
  assert.equal(decideEarly(viewWith({ ...mended, wanted: { version: '2-aa' } })), undefined);
});

test('so many mends in a row, then one each ten seconds', () => {
  const mends = new Mends();
  for (let i = 0; i < 10; i++) {
    assert.equal(mends.isSpent('a', nowMs), false);
    mends.took('a', nowMs);
  }
  assert.equal(mends.isSpent('a', nowMs + 9_999), true);
  assert.equal(mends.isSpent('b', nowMs), false);
  assert.equal(mends.isSpent('a', nowMs + 10_000), false);
  mends.forget('a');
  assert.equal(mends.isSpent('a', nowMs), false);
});

test('a store of another operator is passed over in silence; one that is not looked at yet is waited for', () => {
  for (const kind of ['foreign', 'pending'] as const) {
    const verdict = decideEarly({ ...viewWith({ prior: never }), stores: { kind } });
    assert.deepEqual([verdict?.act.do, verdict?.outcome, verdict?.next], ['leave', undefined, 'done']);
  }
});
