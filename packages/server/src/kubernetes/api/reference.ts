/** The reference page of the kinds in Markdown, made of their tables. */
import type { CustomKind } from './custom-kind.ts';
import type { Field, Fields, Kind } from './fields/kind.ts';
import { customKinds } from './kinds.ts';
import { operatorRights, resourceNameOf } from './rbac.ts';
import { apiVersionOf } from './resources.ts';

type AnyKind = CustomKind<unknown, unknown>;
type AnyField = Field<unknown, boolean>;

/** Text inside a table: no pipe may end the cell, no line may end the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const defaultText = ({ required, default: value }: AnyField): string => {
  if (required) return 'required';
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
};

/** Objects in a list are at `data[]`. */
const pathOf = (parent: string, name: string, kind: Kind<unknown>): string =>
  `${parent}.${name}${kind.schema['type'] === 'array' && kind.members !== undefined ? '[]' : ''}`;

const fieldRows = (members: Fields, parent: string): readonly string[] =>
  Object.entries(members).flatMap(([name, field]) => {
    const path = pathOf(parent, name, field.kind);
    const notYet = field.notYet ? ' **Not acted on yet.**' : '';
    return [
      `| \`${path}\` | ${cell(field.kind.type)} | ${cell(defaultText(field))} | ${cell(field.summary)}.${notYet} |`,
      ...fieldRows(field.kind.members ?? {}, path),
    ];
  });

const table = (kind: Kind<unknown>, parent: string): readonly string[] => [
  '| Field | Kind | Default | |',
  '| --- | --- | --- | --- |',
  ...fieldRows(kind.members ?? {}, parent),
  '',
];

const ruleRows = (kind: Kind<unknown>, path: string): readonly string[] => [
  ...(kind.rules ?? []).map(({ message }) => `- \`${path}\`: ${message}`),
  ...Object.entries(kind.members ?? {}).flatMap(([name, field]) =>
    ruleRows(field.kind, pathOf(path, name, field.kind)),
  ),
];

const kindPage = (kind: AnyKind): readonly string[] => [
  `## ${kind.resource.kind}`,
  '',
  `${kind.summary}. \`apiVersion: ${apiVersionOf(kind.resource)}\`, short name \`${kind.shortName}\`.`,
  '',
  ...table(kind.spec, 'spec'),
  'What the API server refuses, and why:',
  '',
  ...ruleRows(kind.spec, 'spec'),
  '',
  'What the operator writes:',
  '',
  ...table(kind.status, 'status'),
];

/** Kinds with the shape of another one are told with it. */
const distinct = customKinds.filter(
  (kind, index) => customKinds.findIndex(other => other.spec === kind.spec) === index,
);
const sharing = (kind: AnyKind): readonly string[] =>
  customKinds
    .filter(other => other !== kind && other.spec === kind.spec)
    .map(({ resource, summary, shortName }) => `**${resource.kind}** (\`${shortName}\`): the same fields. ${summary}.`);

const rights = [
  '## What the operator may do',
  '',
  'The rights in `deploy/operator/rbac.yaml`, and why each is there.',
  '',
  '| Resource | Verbs | Where | Why |',
  '| --- | --- | --- | --- |',
  ...operatorRights.map(
    right => `| \`${resourceNameOf(right)}\` | ${right.verbs.join(', ')} | ${right.where} | ${right.why}. |`,
  ),
  '',
];

/** The whole page. */
export const kindsPage = (): string =>
  [
    '# Kubernetes kinds',
    '',
    'The kinds that `coffer operator` acts on, generated from their tables by `npm run gen`; their definitions for the API',
    'server are in `deploy/crds/` (Kubernetes 1.33 or newer). A field that is not acted on yet is kept, and told of in the',
    'condition of the object.',
    '',
    ...distinct.flatMap(kind => [...kindPage(kind), ...sharing(kind).flatMap(line => [line, ''])]),
    ...rights,
  ].join('\n');
