/**
 * What a rule's path matches: one path exactly, every path with a prefix (`a/b*`), or segments of any text (`a/+/b`,
 * `a/+/b*`). Where several patterns match, a fixed order says which one applies; `compare` is that order.
 */
export interface Pattern {
  /** As in the policy, templates replaced. */
  readonly text: string;
  /** Split at `/`, the trailing `*` taken away. */
  readonly segments: readonly string[];
  readonly isPrefix: boolean;
  /** Number of `+` segments. */
  readonly wildcards: number;
  /** Offset of the first `+` segment, or of the trailing `*`; the length of the text where there is neither. */
  readonly firstWildcard: number;
}

/** Offset of the first segment that is `+` alone. */
const firstPlus = (segments: readonly string[]): number | undefined => {
  const index = segments.indexOf('+');
  if (index < 0) return undefined;
  return segments.slice(0, index).reduce((offset, segment) => offset + segment.length + 1, 0);
};

export const patternOf = (text: string): Pattern => {
  const isPrefix = text.endsWith('*');
  const body = isPrefix ? text.slice(0, -1) : text;
  const segments = body.split('/');
  const wildcards = segments.filter(segment => segment === '+').length;
  return { text, segments, isPrefix, wildcards, firstWildcard: firstPlus(segments) ?? body.length };
};

export const isExact = (pattern: Pattern): boolean => !pattern.isPrefix && pattern.wildcards === 0;

const lengthOf = (pattern: Pattern): number => pattern.text.length - (pattern.isPrefix ? 1 : 0);

/**
 * Positive where `a` applies rather than `b`. Loses, in this order: whose first wildcard comes earlier, who ends in `*`,
 * who has more `+`, who is shorter, who comes first by its characters.
 */
export const compare = (a: Pattern, b: Pattern): number =>
  a.firstWildcard - b.firstWildcard ||
  Number(b.isPrefix) - Number(a.isPrefix) ||
  b.wildcards - a.wildcards ||
  lengthOf(a) - lengthOf(b) ||
  (a.text < b.text ? -1 : Number(a.text > b.text));
