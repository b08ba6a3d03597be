/** Which namespaces may use a cluster store (`spec.conditions`). Pure. */
import { CofferError } from '@coffer/schema/errors.ts';
import { RegexError } from '../../../delivery/regex/reader.ts';
import { CompiledRegex } from '../../../delivery/regex/regex.ts';
import { stringOfText } from '../../../delivery/render/bytes.ts';
import type { LabelSelector } from '../../api/references.ts';
import type { StoreSpec } from '../../api/store.ts';

type UsableFrom = NonNullable<StoreSpec['conditions']>[number];
type Labels = ReadonlyMap<string, string>;

export interface NamespaceView {
  readonly name: string;
  /** Undefined: they are not known, and nothing is selected by them. */
  readonly labels: Labels | undefined;
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

/** Longest expression; names of namespaces have at most 63 characters, so that a match needs no other bound. */
const expressionLimit = 256;
const unbounded = (): void => undefined;

/** Throws `invalid_request` for an expression that cannot be read. */
const matches = (expression: string, name: string): boolean => {
  try {
    if (expression.length <= expressionLimit)
      return new CompiledRegex(stringOfText(expression)).find(name, 0, unbounded) !== undefined;
  } catch (cause) {
    if (!(cause instanceof RegexError)) throw cause;
  }
  throw new CofferError(
    'invalid_request',
    'spec.conditions: a namespaceRegexes entry is no regular expression, or is too long: correct it',
  );
};

const holds = ({ namespaceSelector, namespaces, namespaceRegexes }: UsableFrom, { name, labels }: NamespaceView) =>
  (namespaceSelector !== undefined && labels !== undefined && selects(namespaceSelector, labels)) ||
  (namespaces ?? []).includes(name) ||
  (namespaceRegexes ?? []).some(expression => matches(expression, name));

/** No conditions: every namespace. Throws `invalid_request` for an expression that cannot be read. */
export const isUsableFrom = (conditions: readonly UsableFrom[] | undefined, namespace: NamespaceView): boolean =>
  conditions === undefined || conditions.length === 0 || conditions.some(condition => holds(condition, namespace));

export const refusal = (store: string, namespace: string): string =>
  `using cluster store "${store}" is not allowed from namespace "${namespace}": denied by spec.condition`;
