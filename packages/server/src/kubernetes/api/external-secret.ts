/** ExternalSecret: which values become which Secret, and how they are kept in step. */
import { data, dataFrom, storeRef } from './external-secret-data.ts';
import { target, targetDefaults } from './external-secret-target.ts';
import { list } from './fields/collections.ts';
import { f } from './fields/f.ts';
import type { Of } from './fields/field.ts';
import { object } from './fields/object.ts';
import type { Rule } from './fields/rule.ts';
import { conditions } from './references.ts';

const syncWindows = object({
  kind: f.choice(['allow', 'deny'], 'Whether it is synchronised within the windows, or outside them', {
    required: true,
  }),
  windows: f.of(
    list(
      object({
        schedule: f.someText('When a window begins, UTC: five fields of cron, or `@daily` and the like', {
          required: true,
        }),
        duration: f.span('How long it lasts', { required: true }),
      }),
    ),
    'The windows',
    { required: true },
  ),
});

const members = {
  secretStoreRef: f.of(storeRef, 'The store; not needed where every entry has one of its own'),
  refreshPolicy: f.choice(['Periodic', 'CreatedOnce', 'OnChange'], 'When values are read again', {
    default: 'Periodic',
  }),
  refreshInterval: f.span('How often, for `Periodic`; 0: once', { default: '1h0m0s' }),
  syncWindows: f.of(syncWindows, 'When values may be read again', { notYet: true }),
  target: f.of(target, 'The Secret that is made', { default: targetDefaults }),
  data: f.of(data, 'Values one by one'),
  dataFrom: f.of(dataFrom, 'Many values at once; `data` wins over them'),
} as const;

type Rules = readonly Rule<Of<typeof members>>[];

const hasNoTwins = (keys: readonly string[]): boolean => new Set(keys).size === keys.length;

const rules: Rules = [
  {
    message: 'either data or dataFrom should be specified',
    cel: '(has(self.data) && self.data.size() > 0) || (has(self.dataFrom) && self.dataFrom.size() > 0)',
    holds: spec => (spec.data ?? []).length > 0 || (spec.dataFrom ?? []).length > 0,
  },
  {
    message: 'every entry needs a store: set secretStoreRef.name, or sourceRef in each of data and dataFrom',
    cel: '(has(self.secretStoreRef) && has(self.secretStoreRef.name)) || ((!has(self.data) || self.data.all(one, has(one.sourceRef))) && (!has(self.dataFrom) || self.dataFrom.all(one, has(one.sourceRef))))',
    holds: spec =>
      spec.secretStoreRef?.name !== undefined ||
      [...(spec.data ?? []), ...(spec.dataFrom ?? [])].every(one => one.sourceRef !== undefined),
  },
  {
    message: 'a secretKey stands twice in data: name each once, or set target.deletionPolicy to other than Retain',
    // A map is made in time that grows with the list, and cannot be where a key stands twice.
    cel: "self.target.deletionPolicy != 'Retain' || !has(self.data) || self.data.transformMapEntry(at, one, {one.secretKey: at}).size() == self.data.size()",
    holds: spec =>
      spec.target.deletionPolicy !== 'Retain' || hasNoTwins((spec.data ?? []).map(({ secretKey }) => secretKey)),
  },
];

/** `spec` */
export const externalSecretSpec = object(members, { rules });
/** As read. */
export type ExternalSecretSpec = ReturnType<typeof externalSecretSpec.read>;

/** `status` */
export const externalSecretStatus = object({
  refreshTime: f.time('When the values were read the last time'),
  syncedResourceVersion: f.text('Generation and hash of the labels and annotations that were acted on'),
  conditions: f.of(conditions, 'Whether the Secret is as it should be, and why not'),
  binding: f.object({ name: f.text('Its name') }, 'The Secret that was made'),
});
/** As read. */
export type ExternalSecretStatus = ReturnType<typeof externalSecretStatus.read>;
