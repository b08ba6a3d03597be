/** Which namespaces may use a cluster store (`spec.conditions`). Pure. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { LabelSelector } from '../../api/references.ts';
import type { StoreSpec } from '../../api/store.ts';

type UsableFrom = NonNullable<StoreSpec['conditions']>[number];
type Labels = ReadonlyMap<string, string>;

export interface NamespaceView {
  readonly name: string;
  readonly labels: Labels;
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** The operators of label selectors; one that is not known holds for nothing. */
const operators: ReadonlyMap<string, (value: string | undefined, values: readonly string[]) => boolean> = new Map([
  ['In', (value, values) => value !== undefined && values.includes(value)],
  ['NotIn', (value, values) => value === undefined || !values.includes(value)],
  ['Exists', value => value !== undefined],
  ['DoesNotExist', value => value === undefined],
]);

const meets = (labels: Labels, { key, operator, values }: Requirement): boolean =>
  operators.get(operator)?.(labels.get(key), values ?? []) ?? false;

/** An empty selector selects everything. */
export const selects = (selector: LabelSelector, labels: Labels): boolean =>
  [...(selector.matchLabels ?? [])].every(([key, value]) => labels.get(key) === value) &&
  (selector.matchExpressions ?? []).every(requirement => meets(labels, requirement));

/** Longest expression; names of namespaces have at most 63 characters. */
const expressionLimit = 256;

/** Throws `invalid_request` for an expression that cannot be read. */
const matches = (expression: string, name: string): boolean => {
  try {
    if (expression.length <= expressionLimit) return new RegExp(expression, 'u').test(name);
  } catch {
    // Told below.
  }
  throw new CofferError(
    'invalid_request',
    'spec.conditions: a namespaceRegexes entry is no regular expression, or is too long: correct it',
  );
};

const holds = ({ namespaceSelector, namespaces, namespaceRegexes }: UsableFrom, { name, labels }: NamespaceView) =>
  (namespaceSelector !== undefined && selects(namespaceSelector, labels)) ||
  (namespaces ?? []).includes(name) ||
  (namespaceRegexes ?? []).some(expression => matches(expression, name));

/** No conditions: every namespace. Throws `invalid_request` for an expression that cannot be read. */
export const isUsableFrom = (conditions: readonly UsableFrom[] | undefined, namespace: NamespaceView): boolean =>
  conditions === undefined || conditions.length === 0 || conditions.some(condition => holds(condition, namespace));

export const refusal = (store: string, namespace: string): string =>
  `using cluster store "${store}" is not allowed from namespace "${namespace}": denied by spec.condition`;
