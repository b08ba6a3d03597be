/** Which secrets an ExternalSecret wants: `data` one by one, `dataFrom` many at once. */
import { list } from './fields/collections.ts';
import { f } from './fields/f.ts';
import { object } from './fields/object.ts';
import { exactlyOne } from './fields/rule.ts';

/** A store by its kind and name. */
export const storeRef = object({
  name: f.name('Name of the store'),
  kind: f.choice(['SecretStore', 'ClusterSecretStore'], 'Kind of the store', { default: 'SecretStore' }),
});
/** As read. */
export type StoreRef = ReturnType<typeof storeRef.read>;

const generatorRef = object({
  apiVersion: f.text('Group and version', { default: 'generators.external-secrets.io/v1alpha1' }),
  kind: f.someText('Kind of the generator', { required: true }),
  name: f.name('Name of the generator', { required: true }),
});

const sourceRef = object(
  {
    storeRef: f.of(storeRef, 'Another store than that of the whole'),
    generatorRef: f.of(generatorRef, 'A generator of values', { notYet: true }),
  },
  { rules: [exactlyOne('storeRef', 'generatorRef')] },
);

const values = {
  conversionStrategy: f.choice(['Default', 'Unicode'], 'What becomes of characters that no key may have', {
    default: 'Default',
  }),
  decodingStrategy: f.choice(['None', 'Base64', 'Base64URL', 'Auto'], 'How values are decoded', { default: 'None' }),
  nullBytePolicy: f.choice(['Ignore', 'Fail'], 'What to do with a value that holds a byte 0', { default: 'Ignore' }),
} as const;

const remoteRef = object({
  key: f.someText('Path of the secret in the store', { required: true }),
  property: f.text('Which part of it; where it is not set, all of it'),
  version: f.text('Which version; where it is not set, the newest'),
  metadataPolicy: f.choice(['None', 'Fetch'], '`Fetch`: what the store knows about the secret instead of the secret', {
    default: 'None',
  }),
  ...values,
});
/** As read. */
export type RemoteRef = ReturnType<typeof remoteRef.read>;

const find = object({
  path: f.text('Where to look'),
  name: f.object({ regexp: f.text('Expression that names match (RE2)') }, 'By name'),
  tags: f.textMap('By tags: all of them'),
  ...values,
});

const merge = object({
  into: f.text('Name of the one value that is made'),
  priority: f.texts('Sources that win, the last one most'),
  priorityPolicy: f.choice(['Strict', 'IgnoreNotFound'], 'What to do where one of these is not there', {
    default: 'Strict',
  }),
  conflictPolicy: f.choice(['Error', 'Ignore'], 'What to do where two sources have the same key', { default: 'Error' }),
  strategy: f.choice(['Extract', 'JSON'], 'The keys of all, or one value as JSON', { default: 'Extract' }),
});

const rewrite = object(
  {
    regexp: f.object(
      {
        source: f.text('Expression (RE2)', { required: true }),
        target: f.text('What takes its place, with `$1` for groups', { required: true }),
      },
      'Replace what matches in every key',
    ),
    transform: f.object({ template: f.text('Template over `.value`', { required: true }) }, 'Make every key anew'),
    merge: f.of(merge, 'Merge what several secrets hold'),
  },
  { rules: [exactlyOne('regexp', 'transform', 'merge')] },
);

/** Bounds of what rules look through. */
const entriesLimit = 1000;
const sourcesLimit = 100;
const rewritesLimit = 100;

/** `spec.data` */
export const data = list(
  object({
    secretKey: f.key('Key in the Secret', { required: true }),
    remoteRef: f.of(remoteRef, 'Where its value comes from', { required: true }),
    sourceRef: f.of(sourceRef, 'Another source than the store of the whole'),
  }),
  { maxItems: entriesLimit },
);
/** As read. */
export type DataEntry = ReturnType<typeof data.read>[number];

const fromGenerator = {
  message: 'set exactly one of extract, find or sourceRef.generatorRef',
  cel: '(has(self.extract) ? 1 : 0) + (has(self.find) ? 1 : 0) + (has(self.sourceRef) && has(self.sourceRef.generatorRef) ? 1 : 0) == 1',
};

/** `spec.dataFrom` */
export const dataFrom = list(
  object(
    {
      extract: f.of(remoteRef, 'Every property of one secret'),
      find: f.of(find, 'Secrets by name or tags', { notYet: true }),
      rewrite: f.of(list(rewrite, { maxItems: rewritesLimit }), 'What becomes of the keys, in order', { notYet: true }),
      sourceRef: f.of(sourceRef, 'Another source than the store of the whole'),
    },
    {
      rules: [
        {
          ...fromGenerator,
          holds: ({ extract, find: found, sourceRef: source }) =>
            [extract, found, source?.generatorRef].filter(one => one !== undefined).length === 1,
        },
      ],
    },
  ),
  { maxItems: sourcesLimit },
);
/** As read. */
export type DataSource = ReturnType<typeof dataFrom.read>[number];
