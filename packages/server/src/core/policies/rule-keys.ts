/** The keys of a `path` block: each reads its value into the rule being built. */
import { HclError } from '@coffer/schema/hcl/error.ts';
import { readBlocks, readInteger, readSeconds, readText, readTexts } from '@coffer/schema/hcl/read.ts';
import type { HclItem, HclValue } from '@coffer/schema/hcl/tree.ts';
import { capabilityBit, capabilityBits, legacyMask } from './capability.ts';
import { type KeysFilter, KeysFilterError, parseKeysFilter } from './keys-filter.ts';
import { fromHcl, mergedValues, type ParameterValues } from './parameters.ts';
import { secondsOfTime } from './time.ts';

/** A rule while its block is read. */
export interface RuleDraft {
  mask: number;
  required: string[];
  allowed: ParameterValues | undefined;
  denied: ParameterValues | undefined;
  minWrapSeconds: number;
  maxWrapSeconds: number;
  paginationLimit: number;
  keysFilter: KeysFilter | undefined;
  expiresAtMs: number | undefined;
  subscribeEventTypes: string[];
}

export const newDraft = (): RuleDraft => ({
  mask: 0,
  required: [],
  allowed: undefined,
  denied: undefined,
  minWrapSeconds: 0,
  maxWrapSeconds: 0,
  paginationLimit: 0,
  keysFilter: undefined,
  expiresAtMs: undefined,
  subscribeEventTypes: [],
});

/** A rule that cannot be kept; the message says why without its path. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

/** In the words that clients know. */
const refuseLiteral = (value: HclValue): void => {
  if (value.kind !== 'list' && value.kind !== 'object')
    throw new HclError(value, 'unknown slice type: *ast.LiteralType');
};

const readList = (value: HclValue): string[] => {
  refuseLiteral(value);
  return readTexts(value);
};

type ReadKey = (draft: RuleDraft, value: HclValue, item: HclItem) => void;

const shownLimit = 64;
export const shown = (text: string): string => (text.length > shownLimit ? `${text.slice(0, shownLimit)}…` : text);

const readCapabilities: ReadKey = (draft, value) => {
  for (const name of readList(value)) {
    const bit = capabilityBit(name);
    if (bit === undefined) throw new RuleError(`invalid capability "${shown(name)}"`);
    draft.mask |= bit;
  }
};

const readLegacy: ReadKey = (draft, value) => {
  const name = readText(value);
  const mask = legacyMask(name);
  if (mask === undefined) throw new RuleError(`invalid policy "${shown(name)}"`);
  draft.mask |= mask;
};

/** `allowed_parameters { a = ["x"] }`: parameter → list of values. */
const readValues = (item: HclItem): ParameterValues => {
  const values = new Map<string, ReturnType<typeof fromHcl>[]>();
  for (const { body } of readBlocks(item, 0)) {
    for (const { keys, value } of body.items) {
      refuseLiteral(value);
      if (keys.length > 1 || value.kind !== 'list') throw new HclError(value, 'expected a list of values');
      const name = keys[0].text.toLowerCase();
      values.set(name, [...(values.get(name) ?? []), ...value.values.map(fromHcl)]);
    }
  }
  return values;
};

/** Lists of two blocks of one rule add up; no entries at all is no constraint. */
const joined = (before: ParameterValues | undefined, item: HclItem): ParameterValues | undefined => {
  const values = readValues(item);
  return values.size === 0 ? before : mergedValues(before, values);
};

const readWrap = (name: string, value: HclValue): number => {
  const seconds = readSeconds(value);
  if (seconds < 0) throw new RuleError(`${name} cannot be negative`);
  return seconds;
};

const readPagination: ReadKey = (draft, value) => {
  const limit = readInteger(value);
  if (limit < 0) throw new HclError(value, 'expected an integer of 0 or more');
  draft.paginationLimit = limit;
};

const readFilter: ReadKey = (draft, value) => {
  try {
    draft.keysFilter = parseKeysFilter(readText(value));
  } catch (error) {
    if (!(error instanceof KeysFilterError)) throw error;
    throw new RuleError(`list_scan_response_keys_filter_path ${error.message}`);
  }
};

const readExpiration: ReadKey = (draft, value) => {
  const seconds = secondsOfTime(readText(value));
  if (seconds === undefined) throw new RuleError('invalid expiration time: could not parse string as date and time');
  draft.expiresAtMs = seconds * 1000;
};

/** A constraint nobody would check must not be stored as if it held. */
const refuse =
  (name: string): ReadKey =>
  () => {
    throw new RuleError(`${name} is not supported: remove it, a rule must not promise what is not checked`);
  };

export const ruleKeys: ReadonlyMap<string, ReadKey> = new Map<string, ReadKey>([
  ['capabilities', readCapabilities],
  ['policy', readLegacy],
  ['comment', () => undefined],
  ['required_parameters', (draft, value) => draft.required.push(...readList(value).map(name => name.toLowerCase()))],
  ['allowed_parameters', (draft, _value, item) => void (draft.allowed = joined(draft.allowed, item))],
  ['denied_parameters', (draft, _value, item) => void (draft.denied = joined(draft.denied, item))],
  ['min_wrapping_ttl', (draft, value) => void (draft.minWrapSeconds = readWrap('min_wrapping_ttl', value))],
  ['max_wrapping_ttl', (draft, value) => void (draft.maxWrapSeconds = readWrap('max_wrapping_ttl', value))],
  ['pagination_limit', readPagination],
  ['expiration', readExpiration],
  ['list_scan_response_keys_filter_path', readFilter],
  ['subscribe_event_types', (draft, value) => draft.subscribeEventTypes.push(...readTexts(value))],
  ['mfa_methods', refuse('mfa_methods')],
  ['control_group', refuse('control_group')],
]);

/** What no single key can say alone. */
export const checkDraft = (draft: RuleDraft): void => {
  const { minWrapSeconds, maxWrapSeconds, mask } = draft;
  if (maxWrapSeconds !== 0 && maxWrapSeconds < minWrapSeconds) {
    throw new RuleError('max_wrapping_ttl cannot be less than min_wrapping_ttl');
  }
  const lists = capabilityBits.list | capabilityBits.scan | capabilityBits.deny;
  if (draft.keysFilter !== undefined && (mask & lists) === 0) {
    throw new RuleError('list_scan_response_keys_filter_path needs the capability list or scan');
  }
};
