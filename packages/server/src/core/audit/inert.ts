/**
 * What callers chose, names and texts, as JSON that cannot act on whoever reads it: beside what JSON escapes, also C1 controls, line and
 * paragraph separators, and marks that turn the direction of text (Unicode TR 36).
 */
// oxlint-disable-next-line no-control-regex -- these are the characters that are kept out
const acting = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Nearly every name and text: nothing in it needs an escape. */
const plain = /^[ !#-[\]-~]*$/;

export const inert = (value: unknown): string =>
  typeof value === 'string' && plain.test(value) ? `"${value}"` : escaped(value);

const escaped = (value: unknown): string =>
  JSON.stringify(value, plainMaps).replace(
    acting,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const plainMaps = (_: string, value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value as ReadonlyMap<string, unknown>) : value;
