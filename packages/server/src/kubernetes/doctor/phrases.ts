/** Times and lists in words. */

const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** `3 min`; times in the future, by clocks that differ, are `0 s`. */
export const spanText = (ms: number): string => {
  const [unitMs, name] = units.find(([unit]) => ms >= 2 * unit) ?? [1000, 's'];
  return `${Math.max(0, Math.floor(ms / unitMs))} ${name}`;
};

const secondsText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** `2026-05-01T10:00:00Z (3 min ago)` */
export const agoText = (atMs: number, nowMs: number): string => `${secondsText(atMs)} (${spanText(nowMs - atMs)} ago)`;

/** Names shown at most. */
const namesLimit = 10;

export const listed = (names: readonly string[]): string => {
  const more = names.length > namesLimit ? ` and ${names.length - namesLimit} more` : '';
  return names.slice(0, namesLimit).join(', ') + more;
};

export const quoted = (names: readonly string[]): string => listed(names.map(name => JSON.stringify(name)));

/** Undefined where it is no time. */
export const timeIn = (value: unknown): number | undefined => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
};

/** `1 pod`, `2 pods` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
