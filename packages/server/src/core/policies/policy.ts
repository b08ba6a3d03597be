/** A policy as parsed: rules in the order of its text, nothing merged, templates still in place. */
import type { Place } from '@coffer/schema/hcl/error.ts';
import type { KeysFilter } from './keys-filter.ts';
import type { ParameterValues } from './parameters.ts';

export interface Policy {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

export interface PolicyRule extends Place {
  /** Without a leading slash. May end in `*`, have `+` segments and `{{…}}` templates. */
  readonly path: string;
  readonly mask: number;
  readonly limits: Limits;
  readonly expiresAtMs: number | undefined;
  /** Globs of event types that `subscribe` covers. */
  readonly subscribeEventTypes: readonly string[];
}

/** What a rule asks of a request beside its capability. */
export interface Limits {
  /** Lower-case names. */
  readonly required: readonly string[];
  readonly allowed: ParameterValues | undefined;
  readonly denied: ParameterValues | undefined;
  /** 0 where the rule does not ask for wrapping. */
  readonly minWrapSeconds: number;
  readonly maxWrapSeconds: number;
  /** Most keys of one list; 0 for no limit. */
  readonly paginationLimit: number;
  readonly keysFilter: KeysFilter | undefined;
}

export const noLimits: Limits = Object.freeze({
  required: [],
  allowed: undefined,
  denied: undefined,
  minWrapSeconds: 0,
  maxWrapSeconds: 0,
  paginationLimit: 0,
  keysFilter: undefined,
});
