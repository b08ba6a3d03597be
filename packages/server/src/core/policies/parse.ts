/**
 * Reads the text of a policy, HCL or JSON. Everything the language knows is understood or refused: a policy that was
 * accepted means what it says.
 */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import { HclError } from '@coffer/schema/hcl/error.ts';
import { parseHcl } from '@coffer/schema/hcl/parse.ts';
import { type HclBlock, readBlocks } from '@coffer/schema/hcl/read.ts';
import type { HclItem } from '@coffer/schema/hcl/tree.ts';
import { settled } from './capability.ts';
import { noLimits, type Limits, type Policy, type PolicyRule } from './policy.ts';
import { checkDraft, newDraft, type RuleDraft, RuleError, ruleKeys, shown } from './rule-keys.ts';
import { isBalanced } from './template.ts';

/** Longest path of a rule, in UTF-16 units. */
const pathLimit = 1024;
const rulesLimit = 10_000;

const limitsOf = (draft: RuleDraft): Limits => {
  const { required, allowed, denied, minWrapSeconds, maxWrapSeconds, paginationLimit, keysFilter } = draft;
  const limits = { required, allowed, denied, minWrapSeconds, maxWrapSeconds, paginationLimit, keysFilter };
  const asksNothing =
    required.length + minWrapSeconds + maxWrapSeconds + paginationLimit === 0 &&
    allowed === undefined &&
    denied === undefined &&
    keysFilter === undefined;
  return asksNothing ? noLimits : Object.freeze(limits);
};

const checkPath = (path: string): void => {
  if (path.length > pathLimit) throw new RuleError(`path longer than ${pathLimit} characters`);
  if (path.includes('+*')) throw new RuleError("invalid use of wildcards ('+*' is forbidden)");
  if (!isBalanced(path))
    throw new CofferError('invalid_request', 'failed to validate policy templating: unbalanced templating characters');
};

const readItem = (draft: RuleDraft, item: HclItem): void => {
  const [key] = item.keys;
  const read = ruleKeys.get(key.text);
  if (read === undefined) throw new RuleError(`invalid key "${shown(key.text)}" on line ${key.line}`);
  read(draft, item.value, item);
};

const readRule = (block: HclBlock): PolicyRule => {
  const label = block.labels[0] ?? block.item.keys[0];
  const path = label.text.startsWith('/') ? label.text.slice(1) : label.text;
  const draft = newDraft();
  checkPath(path);
  for (const item of block.body.items) readItem(draft, item);
  checkDraft(draft);
  return Object.freeze({
    line: label.line,
    column: label.column,
    path,
    mask: settled(draft.mask),
    limits: limitsOf(draft),
    expiresAtMs: draft.expiresAtMs,
    subscribeEventTypes: draft.subscribeEventTypes,
  });
};

const ruleError = (path: string, error: unknown): unknown => {
  if (error instanceof HclError) return new RuleError(`path "${shown(path)}": ${error.message}`);
  if (!(error instanceof RuleError)) return error;
  const message = `path "${shown(path)}": ${error.message}`;
  return new RuleError(error.message.startsWith('invalid key') ? oneError(message) : message);
};

/** Labels after the path are passed over, as everywhere this language is read. */
const pathItem = (item: HclItem): HclItem => {
  const [key, path] = item.keys;
  if (path !== undefined) return item.assigned ? item : { ...item, keys: [key, path] };
  if (item.value.kind === 'object' || item.value.kind === 'list') return item;
  throw new RuleError('path "path": cannot check HCL keys of type *ast.LiteralType');
};

const readPathItem = (item: HclItem): PolicyRule[] =>
  readBlocks(pathItem(item), 1).map(block => {
    try {
      return readRule(block);
    } catch (error) {
      throw ruleError(block.labels[0]?.text ?? '', error);
    }
  });

const readTop = (item: HclItem): PolicyRule[] => {
  const [key] = item.keys;
  if (key.text === 'path') return readPathItem(item);
  if (key.text === 'name') return [];
  throw new RuleError(oneError(`invalid key "${shown(key.text)}" on line ${key.line}`));
};

const parseRules = (text: string): PolicyRule[] => {
  const rules = parseHcl(text).items.flatMap(readTop);
  if (rules.length > rulesLimit) throw new RuleError(`more than ${rulesLimit} rules`);
  return rules;
};

/** Throws `CofferError` `invalid_request`, with line and column where the text itself is broken. */
export const parsePolicy = (name: string, text: string): Policy => {
  if (text.trim() === '') throw new CofferError('invalid_request', "'policy' parameter not supplied or empty");
  try {
    return Object.freeze({ name, rules: Object.freeze(parseRules(text)) });
  } catch (error) {
    if (!(error instanceof HclError || error instanceof RuleError)) throw error;
    throw new CofferError('invalid_request', `failed to parse policy: ${error.message}`, { cause: error });
  }
};
