/** Label selectors as Kubernetes has them (`metav1.LabelSelector`), read once, then matched without any I/O. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** All of them must hold; an empty list matches everything, as in Kubernetes. */
export type Selector = readonly Requirement[];

const requirementsLimit = 100;
const valuesLimit = 1000;

const refuse = (why: string): never => {
  throw new CofferError('invalid_request', `bound_service_account_namespace_selector: ${why}`);
};

type Members = { readonly [name: string]: unknown };

const membersOf = (value: unknown, what: string): Members => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${what} is no object`);
  return value as Members;
};

const refuseOthers = (members: Members, known: readonly string[]): void => {
  for (const name of Object.keys(members))
    if (!known.includes(name)) refuse(`expected ${known.join(', ')} and nothing else`);
};

const textOf = (value: unknown, what: string): string =>
  typeof value === 'string' ? value : refuse(`${what} is no text`);

const textsOf = (value: unknown, what: string): readonly string[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > valuesLimit) return refuse(`${what} is no list`);
  return value.map(one => textOf(one, `an entry of ${what}`));
};

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

const expression = (value: unknown): Requirement => {
  const members = membersOf(value, 'an entry of matchExpressions');
  refuseOthers(members, ['key', 'operator', 'values']);
  const operator = textOf(members['operator'], 'operator');
  if (!operators.includes(operator)) return refuse(`operator: expected one of ${operators.join(', ')}`);
  const values = textsOf(members['values'], 'values');
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues !== values.length > 0) return refuse('In and NotIn need values, Exists and DoesNotExist take none');
  return { key: textOf(members['key'], 'key'), operator: operator as Requirement['operator'], values };
};

/** `parsed` is what the text stands for. Throws `invalid_request`. */
export const selectorOf = (parsed: unknown): Selector => {
  const members = membersOf(parsed, 'it');
  refuseOthers(members, ['matchLabels', 'matchExpressions']);
  const labels = Object.entries(membersOf(members['matchLabels'] ?? {}, 'matchLabels'));
  const expressions = members['matchExpressions'] ?? [];
  if (!Array.isArray(expressions)) return refuse('matchExpressions is no list');
  if (labels.length + expressions.length > requirementsLimit)
    return refuse(`more than ${requirementsLimit} requirements`);
  return [
    ...labels.map(([key, value]): Requirement => ({ key, operator: 'In', values: [textOf(value, 'a label')] })),
    ...expressions.map(expression),
  ];
};

const holds = ({ key, operator, values }: Requirement, labels: ReadonlyMap<string, string>): boolean => {
  const value = labels.get(key);
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  // A label that is not there is in no list, and so outside all of them.
  const isIn = value !== undefined && values.includes(value);
  return operator === 'In' ? isIn : !isIn;
};

export const selects = (selector: Selector, labels: ReadonlyMap<string, string>): boolean =>
  selector.every(requirement => holds(requirement, labels));
