/** Looks into JSON that came from elsewhere: nothing of its shape is taken for granted. */
const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [name: string]: unknown })[name]
    : undefined;

export const at = (value: unknown, path: readonly string[]): unknown => path.reduce(memberOf, value);

/** '' where there is none. */
export const textAt = (value: unknown, path: readonly string[]): string => {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
};

/** Of a list only its texts. */
export const textsAt = (value: unknown, path: readonly string[]): readonly string[] => {
  const found = at(value, path);
  return Array.isArray(found) ? found.filter(one => typeof one === 'string') : [];
};

/** Of an object only the members that are texts. */
export const pairsAt = (value: unknown, path: readonly string[]): ReadonlyMap<string, string> => {
  const found = at(value, path);
  const entries = typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
};
