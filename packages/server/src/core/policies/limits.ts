/** What a rule asks of a request beside its capability: parameters, wrapping, page size. */
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import type { Capability } from './capability.ts';
import { type Parameters, refusedParameter } from './parameters.ts';
import { type Limits, noLimits } from './policy.ts';
import type { Refusal } from './rule.ts';

export interface Asked {
  readonly capability: Capability;
  readonly parameters?: Parameters | undefined;
  /** Undefined where the answer will not be wrapped. */
  readonly wrapTtlSeconds?: number | undefined;
}

export interface LimitRefusal {
  readonly refusal: Refusal;
  readonly parameter: string | undefined;
}

const none: Parameters = new Map();
const carriesParameters: ReadonlySet<Capability> = new Set<Capability>(['read', 'create', 'update', 'patch']);

const refusesWrapping = (limits: Limits, wrapTtlSeconds: number | undefined): boolean => {
  const { minWrapSeconds, maxWrapSeconds } = limits;
  if (minWrapSeconds === 0 && maxWrapSeconds === 0) return false;
  if (wrapTtlSeconds === undefined || wrapTtlSeconds < minWrapSeconds) return true;
  return maxWrapSeconds !== 0 && wrapTtlSeconds > maxWrapSeconds;
};

const scalar = (value: RawJson): string => {
  const json = value.value();
  if (json instanceof JsonNumber) return json.source;
  return typeof json === 'string' ? json : '';
};

/** The value of `limit`, whatever case its name has. */
const askedLimit = (given: Parameters): RawJson | undefined =>
  [...given].find(([name]) => name.toLowerCase() === 'limit')?.[1];

/** Nothing, 0 and `max` become the policy's limit; more, less than nothing, and what is no number is refused. */
const refusesPage = (limits: Limits, given: Parameters): boolean => {
  const asked = askedLimit(given);
  if (asked === undefined) return limits.required.includes('limit');
  if (limits.paginationLimit === 0) return false;
  const text = scalar(asked).trim();
  if (text === 'max') return false;
  return !/^[0-9]{1,15}$/.test(text) || Number(text) > limits.paginationLimit;
};

/** Undefined where the request keeps every limit. */
export const refusedByLimits = (limits: Limits, asked: Asked): LimitRefusal | undefined => {
  if (limits === noLimits) return undefined;
  if (refusesWrapping(limits, asked.wrapTtlSeconds)) return { refusal: 'wrapping', parameter: undefined };
  const given = asked.parameters ?? none;
  if (asked.capability === 'list' || asked.capability === 'scan') {
    return refusesPage(limits, given) ? { refusal: 'pagination', parameter: 'limit' } : undefined;
  }
  if (!carriesParameters.has(asked.capability)) return undefined;
  const parameter = refusedParameter(limits, given);
  return parameter === undefined ? undefined : { refusal: 'parameter', parameter };
};
