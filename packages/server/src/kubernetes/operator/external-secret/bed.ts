/** Views for tests of the checks: an ExternalSecret in step with its Secret, and whatever is changed about it. */
import type { Data, Rendered, Target } from './desired.ts';
import { desiredSecret, newSecret } from './desired.ts';
import type { Fetched, View } from './decide.ts';
import { fieldManager } from '../names.ts';
import { dataOf, seenSecret } from './seen-secret.ts';
import type { Condition, PriorStatus, Wanted } from './wanted.ts';

const text = new TextEncoder();

export const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
export const hourMs = 3_600_000;

export const dataOfTexts = (texts: { readonly [key: string]: string }): Data =>
  new Map(Object.entries(texts).map(([key, value]) => [key, text.encode(value)]));

export const wantedWith = (changes: Partial<Wanted> = {}): Wanted => ({
  namespace: 'shop',
  name: 'db',
  uid: 'uid-es',
  version: '1-aa',
  target: 'db-secret',
  creationPolicy: 'Owner',
  deletionPolicy: 'Retain',
  immutable: false,
  refreshPolicy: 'Periodic',
  refreshIntervalMs: hourMs,
  ...changes,
});

export const condition = (changes: Partial<Condition> = {}): Condition => ({
  type: 'Ready',
  status: 'True',
  reason: 'SecretSynced',
  message: 'secret synced',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...changes,
});

export const inStep: PriorStatus = { ready: condition(), refreshedAtMs: nowMs - 60_000, syncedVersion: '1-aa' };
export const never: PriorStatus = { ready: undefined, refreshedAtMs: undefined, syncedVersion: '' };

export const rendered = (texts: { readonly [key: string]: string }): Rendered => ({
  type: undefined,
  data: dataOfTexts(texts),
  labels: new Map(),
  annotations: new Map(),
  finalizers: [],
});

const names = (map: unknown) => Object.fromEntries(Object.keys(map ?? {}).map(key => [`f:${key}`, {}]));

/** The Secret as the operator itself writes it, with its fields owned as the API server notes it. */
export const writtenTarget = (wanted: Wanted, texts: { readonly [key: string]: string }): Target => {
  const made = newSecret(wanted, desiredSecret(wanted, rendered(texts), undefined));
  const { labels, annotations } = made.metadata;
  const object = {
    ...made,
    metadata: {
      ...made.metadata,
      uid: 'uid-secret',
      resourceVersion: '7',
      managedFields: [
        {
          manager: fieldManager(wanted.name),
          operation: 'Update' as const,
          fieldsV1: {
            'f:data': { '.': {}, ...names(made['data']) },
            'f:metadata': { 'f:labels': names(labels), 'f:annotations': names(annotations) },
          },
        },
      ],
    },
  };
  return { seen: seenSecret(object), data: dataOf(object) };
};

export interface ViewChanges {
  readonly wanted?: Partial<Wanted>;
  readonly prior?: PriorStatus;
  /** What lies in the Secret; undefined: there is none. */
  readonly secret?: { readonly [key: string]: string } | undefined;
  readonly target?: Target | undefined;
  readonly fetched?: Fetched;
  readonly told?: boolean;
  readonly contested?: boolean;
}

/** Due because it was never in step, unless said otherwise. */
export const viewWith = (changes: ViewChanges = {}): View => {
  const wanted = wantedWith(changes.wanted);
  const fetched = changes.fetched ?? {
    kind: 'data',
    data: dataOfTexts({ password: 'p' }),
    absent: [],
    isAllAbsent: false,
  };
  const target = changes.target ?? (changes.secret === undefined ? undefined : writtenTarget(wanted, changes.secret));
  return {
    nowMs,
    wanted,
    prior: changes.prior ?? never,
    current: target?.seen,
    target,
    isTold: changes.told ?? false,
    isContested: changes.contested ?? false,
    stores: { kind: 'ready' },
    fetched,
    render: {
      kind: 'rendered',
      rendered: { ...rendered({}), data: fetched.kind === 'data' ? fetched.data : new Map() },
    },
  };
};

/** What a store answered. */
export const answered = (texts: { readonly [key: string]: string }, absent: readonly string[] = []): Fetched => ({
  kind: 'data',
  data: dataOfTexts(texts),
  absent,
  isAllAbsent: absent.length > 0 && Object.keys(texts).length === 0,
});
export const gone = answered({}, ['secret "team/db"']);
export const sealed: Fetched = {
  kind: 'failed',
  failure: { code: 'sealed', text: 'secret store "x" is sealed: unseal it' },
};

export const owned = {
  owners: [{ apiVersion: 'v1', kind: 'ExternalSecret', name: 'other', uid: 'o', controller: true }],
};
export const helm = { owners: [{ apiVersion: 'v1', kind: 'HelmRelease', name: 'shop', uid: 'h', controller: true }] };
/** A Secret of somebody else. */
export const foreign = (seen: Partial<Target['seen']>): Target => {
  const target = writtenTarget(wantedWith({ creationPolicy: 'Orphan' }), { theirs: 't' });
  return { ...target, seen: { ...target.seen, own: new Map(), ...seen } };
};

export const tampered = (target: Target): Target => ({ ...target, seen: { ...target.seen, hash: 'other' } });
