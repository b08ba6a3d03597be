/** A rule over several fields of one object, twice: as CEL for the API server, as a function for the parser. */
import type { RuleText } from './kind.ts';

/** The message says what to do; CEL is https://kubernetes.io/docs/reference/using-api/cel/. Both must say the same. */
export interface Rule<T> extends RuleText {
  readonly holds: (self: T) => boolean;
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const countIn = (self: object, names: readonly string[]): number =>
  names.filter(name => (self as { readonly [name: string]: unknown })[name] !== undefined).length;

const celCount = (names: readonly string[]): string => names.map(name => `(has(self.${name}) ? 1 : 0)`).join(' + ');

/** Exactly one of the fields is set. */
export const exactlyOne = (...names: readonly string[]): Rule<object> => ({
  message: `set exactly one of ${listed(names)}`,
  cel: `${celCount(names)} == 1`,
  holds: self => countIn(self, names) === 1,
});

/** Of the fields, one or none is set. */
export const atMostOne = (...names: readonly string[]): Rule<object> => ({
  message: `set only one of ${listed(names)}`,
  cel: `${celCount(names)} <= 1`,
  holds: self => countIn(self, names) <= 1,
});
