/** Kinds that hold others under names or in order. */
import type { Kind } from './kind.ts';
import type { Place } from './reading.ts';

interface ListLimits {
  /** Named by the table where a rule looks at every item: the API server wants to know how much work that can be. */
  readonly maxItems?: number;
  readonly minItems?: number;
}

/** Items in order. */
export const list = <T>(item: Kind<T>, limits: ListLimits = {}): Kind<readonly T[]> => {
  const { minItems = 0, maxItems = Infinity } = limits;
  const expected =
    maxItems === Infinity
      ? `expected a list${minItems > 0 ? ' that is not empty' : ''}`
      : `expected a list of at most ${maxItems}`;
  return Object.freeze({
    type: `list of ${item.type}`,
    schema: { type: 'array', ...limits, items: item.schema },
    members: item.members,
    rules: item.rules,
    read: (value: unknown, at: Place): readonly T[] => {
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) return at.refuse(expected);
      return value.flatMap((one: unknown, index) => {
        const place = at.item(index);
        const read = place.attempt(() => ({ value: item.read(one, place) }));
        return read === undefined ? [] : [read.value];
      });
    },
  });
};

/** An object, not a list; its names may be anything. */
export const recordAt = (value: unknown, at: Place): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: unknown })
    : at.refuse('expected an object');

/** Values under names that people choose; as for the API server, a null is as if nothing were there. */
export const map = <T>(item: Kind<T>): Kind<ReadonlyMap<string, T>> =>
  Object.freeze({
    type: `map of ${item.type}`,
    schema: { type: 'object', additionalProperties: item.schema },
    read: (value: unknown, at: Place): ReadonlyMap<string, T> => {
      const found = new Map<string, T>();
      for (const [name, one] of Object.entries(recordAt(value, at))) {
        if (one === null) continue;
        const place = at.key(name);
        const read = place.attempt(() => ({ value: item.read(one, place) }));
        if (read !== undefined) found.set(name, read.value);
      }
      return found;
    },
  });
