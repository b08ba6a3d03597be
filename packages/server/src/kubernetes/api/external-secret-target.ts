/** What an ExternalSecret makes: the Secret, who owns it, what is in it. */
import { list } from './fields/collections.ts';
import { f } from './fields/f.ts';
import { object } from './fields/object.ts';
import { exactlyOne } from './fields/rule.ts';

const templateSource = object({
  name: f.name('Name of the object', { required: true }),
  items: f.of(
    list(
      object({
        key: f.key('Key in its data', { required: true }),
        templateAs: f.choice(['Values', 'KeysAndValues'], 'Whether keys are made by the template as well', {
          default: 'Values',
        }),
      }),
    ),
    'Which templates of it',
    { required: true },
  ),
});

/** Bound of what rules look through. */
const templatesLimit = 100;
/** Parts of a Secret that a template may make. */
const secretParts: readonly string[] = ['Data', 'Annotations', 'Labels'];

const templateFrom = object(
  {
    configMap: f.of(templateSource, 'Templates in a ConfigMap'),
    secret: f.of(templateSource, 'Templates in a Secret'),
    literal: f.text('A template'),
    target: f.text('What it makes: `Data`, `Annotations` or `Labels`; for other objects a path in them', {
      default: 'Data',
    }),
    valuesDecodingStrategy: f.choice(['None', 'Base64', 'Base64URL', 'Auto'], 'How values are decoded first', {
      default: 'None',
    }),
  },
  { rules: [exactlyOne('configMap', 'secret', 'literal')] },
);

const tokenType = 'kubernetes.io/service-account-token';
const tokenOwner = 'kubernetes.io/service-account.name';
const bootstrapType = 'bootstrap.kubernetes.io/token';
/** Types of Secrets that stand for an identity of the cluster. */
export const reservedTypes: ReadonlySet<string> = new Set([tokenType, bootstrapType]);

/** Who may write Secrets of these types into a namespace gets tokens of the cluster for them. */
const templateRules = {
  serviceAccountToken: {
    message: `a Secret of type ${tokenType} with the annotation ${tokenOwner} would get a token: remove one of both`,
    cel: `!has(self.type) || self.type != '${tokenType}' || !has(self.metadata) || !has(self.metadata.annotations) || !('${tokenOwner}' in self.metadata.annotations)`,
  },
  bootstrapToken: {
    message: `a Secret of type ${bootstrapType} cannot be made: choose another type`,
    cel: `!has(self.type) || self.type != '${bootstrapType}'`,
  },
};

const template = object(
  {
    type: f.text('Type of the Secret; where it is not set, `Opaque`'),
    engineVersion: f.choice(['v2'], 'Version of the template language', { default: 'v2' }),
    mergePolicy: f.choice(
      ['Replace', 'Merge'],
      '`Replace`: only keys of the template, where it has any; `Merge`: what was read as well',
      { default: 'Replace' },
    ),
    metadata: f.object(
      {
        annotations: f.textMap('Annotations'),
        labels: f.textMap('Labels'),
        finalizers: f.texts('Finalizers'),
      },
      'Metadata of the Secret, in place of that of the ExternalSecret',
    ),
    data: f.textMap('Key → template of its value'),
    templateFrom: f.of(list(templateFrom, { maxItems: templatesLimit }), 'Templates that lie elsewhere', {
      notYet: true,
    }),
  },
  {
    rules: [
      {
        ...templateRules.serviceAccountToken,
        holds: ({ type, metadata }) => type !== tokenType || metadata?.annotations?.has(tokenOwner) !== true,
      },
      { ...templateRules.bootstrapToken, holds: ({ type }) => type !== bootstrapType },
    ],
  },
);
/** As read. */
export type SecretTemplate = ReturnType<typeof template.read>;

const manifest = object({
  apiVersion: f.someText('Group and version of the object', { required: true }),
  kind: f.someText('Kind of the object', { required: true }),
});

/** The API server holds rules against defaults before it fills in what those leave out: they name what rules look at. */
export const targetDefaults = { creationPolicy: 'Owner', deletionPolicy: 'Retain' } as const;

/** `spec.target` */
export const target = object(
  {
    name: f.name('Name of the Secret; where it is not set, that of the ExternalSecret'),
    creationPolicy: f.choice(
      ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'],
      'Whether the Secret is made, merged into, and goes with the ExternalSecret',
      { default: targetDefaults.creationPolicy },
    ),
    deletionPolicy: f.choice(['Retain', 'Delete', 'Merge'], 'What to do once the store has nothing there any more', {
      default: targetDefaults.deletionPolicy,
    }),
    immutable: f.boolean('The Secret cannot be changed once it is there', { default: false }),
    template: f.of(template, 'What the Secret holds, and its type, labels and annotations'),
    manifest: f.of(manifest, 'Another object than a Secret', { notYet: true }),
  },
  {
    rules: [
      {
        message: 'deletionPolicy Delete needs a Secret of its own: set creationPolicy to Owner or Orphan',
        cel: "self.deletionPolicy != 'Delete' || !(self.creationPolicy in ['Merge', 'None', 'CreateOrMerge'])",
        holds: ({ deletionPolicy, creationPolicy }) =>
          deletionPolicy !== 'Delete' || creationPolicy === 'Owner' || creationPolicy === 'Orphan',
      },
      {
        message: 'deletionPolicy Merge has nothing to work on where creationPolicy is None: change one of both',
        cel: "self.deletionPolicy != 'Merge' || self.creationPolicy != 'None'",
        holds: ({ deletionPolicy, creationPolicy }) => deletionPolicy !== 'Merge' || creationPolicy !== 'None',
      },
      {
        message: 'templateFrom.target of a Secret is Data, Annotations or Labels: correct it',
        cel: `has(self.manifest) || !has(self.template) || !has(self.template.templateFrom) || self.template.templateFrom.all(one, one.target in ['Data', 'Annotations', 'Labels'])`,
        holds: ({ manifest: other, template: made }) =>
          other !== undefined || (made?.templateFrom ?? []).every(one => secretParts.includes(one.target)),
      },
    ],
  },
);
