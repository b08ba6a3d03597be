/**
 * What templates compute with: the part of Go's values that text/template and its functions show. Integers and floats are
 * different kinds (`Int`, `number`), lists and dictionaries know the type of what they hold, because Go prints it.
 *
 * A string is a Go string: a sequence of bytes. Here it is a JavaScript string of which every unit is one byte (0–255), so
 * that a binary secret passes through unchanged and lengths and indexes are Go's. `bytes.ts` makes and opens such strings.
 */

export type IntKind = 'int' | 'int64' | 'uint8';

/** A whole number that wraps at the width of its kind. */
export class Int {
  readonly kind: IntKind;
  readonly value: bigint;

  constructor(value: bigint | number, kind: IntKind = 'int') {
    this.kind = kind;
    this.value = kind === 'uint8' ? BigInt.asUintN(8, BigInt(value)) : BigInt.asIntN(64, BigInt(value));
  }
}

/** What a list or dictionary holds, by Go's name of the type. */
export type ItemType = 'interface {}' | 'string' | 'int' | '[]interface {}';

/** A Go slice. Never changed once made. */
export class List {
  readonly items: readonly Value[];
  readonly of: ItemType;

  constructor(items: readonly Value[], of: ItemType = 'interface {}') {
    this.items = items;
    this.of = of;
  }
}

/** A Go map with string keys. `set` and `unset` of templates change it in place, as Go's maps are changed. */
export class Dict {
  readonly entries: Map<string, Value>;
  readonly of: ItemType;

  constructor(entries: Iterable<readonly [string, Value]> = [], of: ItemType = 'interface {}') {
    this.entries = new Map(entries);
    this.of = of;
  }

  /** In the order of the bytes of the keys, which is the order templates see. */
  sorted(): [string, Value][] {
    return [...this.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  get(key: string): Value {
    return this.entries.get(key) ?? (this.entries.has(key) || this.of !== 'string' ? null : '');
  }
}

/** null is Go's nil without a type, a number is a float64. */
export type Value = null | boolean | string | number | Int | List | Dict;

/** The type as Go writes it with %T. */
export const typeName = (value: Value): string => {
  if (value === null) return '<nil>';
  if (value instanceof Int) return value.kind;
  if (value instanceof List) return `[]${value.of}`;
  if (value instanceof Dict) return `map[string]${value.of}`;
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'float64' : 'string';
};

/** The kind as Go's reflect names it. */
export const kindName = (value: Value): string => {
  if (value === null) return 'invalid';
  if (value instanceof List) return 'slice';
  return value instanceof Dict ? 'map' : typeName(value);
};

/** What `if`, `with`, `and`, `or` and `not` hold for true: everything but nil, zero and what is empty. */
export const isTrue = (value: Value): boolean => {
  if (value instanceof Int) return value.value !== 0n;
  if (value instanceof List) return value.items.length > 0;
  if (value instanceof Dict) return value.entries.size > 0;
  return value !== null && value !== false && value !== '' && value !== 0;
};

export const listOf = (items: readonly string[]): List => new List(items, 'string');
