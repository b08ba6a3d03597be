/** Kinds without parts: texts, numbers, choices. */
import type { Kind } from './kind.ts';
import type { Place } from './reading.ts';

interface TextShape {
  readonly type: string;
  /** As in "expected …". */
  readonly expects: string;
  readonly pattern?: string;
  readonly minLength?: number;
  /** Code points, as the API server counts them. */
  readonly maxLength?: number;
  readonly format?: string;
}

const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
};

const isWithin = (text: string, { minLength = 0, maxLength = Infinity }: TextShape): boolean => {
  const length = lengthOf(text);
  return length >= minLength && length <= maxLength;
};

const textKind = (shape: TextShape): Kind<string> => {
  const { type, expects, ...limits } = shape;
  const pattern = new RegExp(shape.pattern ?? '');
  return Object.freeze({
    type,
    schema: { type: 'string', ...limits },
    read: (value: unknown, at: Place): string =>
      typeof value === 'string' && isWithin(value, shape) && pattern.test(value)
        ? value
        : at.refuse(`expected ${expects}`),
  });
};

/** Any text. */
export const text = textKind({ type: 'text', expects: 'text' });

/** Text that is not empty. */
export const someText = textKind({ type: 'text', expects: 'text that is not empty', minLength: 1 });

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** The name of an object (RFC 1123). */
export const objectName = textKind({
  type: 'name',
  expects: 'the name of an object: lower case letters, digits, "-" and ".", at most 253 characters',
  pattern: `^${label}(\\.${label})*$`,
  minLength: 1,
  maxLength: 253,
});

/** The name of a namespace (RFC 1123). */
export const namespaceName = textKind({
  type: 'name',
  expects: 'the name of a namespace: lower case letters, digits and "-", at most 63 characters',
  pattern: `^${label}$`,
  minLength: 1,
  maxLength: 63,
});

/** A key in the data of a Secret. */
export const dataKey = textKind({
  type: 'key',
  expects: 'a key of a Secret: letters, digits, "-", "_" and ".", at most 253 characters',
  pattern: '^[-._a-zA-Z0-9]+$',
  minLength: 1,
  maxLength: 253,
});

/** Bytes as base64 text (RFC 4648 §4); kept as the text. By its format `byte` the API server would also take a list. */
export const base64 = textKind({
  type: 'base64',
  expects: 'base64 text',
  pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  minLength: 1,
});

/** A moment as the API server writes it (RFC 3339); kept as the text. */
export const time = textKind({
  type: 'time',
  expects: 'a time such as "2026-08-21T08:00:00Z"',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$',
  format: 'date-time',
});

/** One of the texts. */
export const choice = <const V extends string>(choices: readonly V[]): Kind<V> => {
  const known: ReadonlySet<unknown> = new Set(choices);
  const shown = choices.map(one => `"${one}"`).join(', ');
  return Object.freeze({
    type: choices.map(one => `\`${one}\``).join(', '),
    schema: { type: 'string', enum: choices },
    read: (value: unknown, at: Place): V => (known.has(value) ? (value as V) : at.refuse(`expected one of ${shown}`)),
  });
};

/** True or false; texts do not stand for them. */
export const boolean: Kind<boolean> = Object.freeze({
  type: 'boolean',
  schema: { type: 'boolean' },
  read: (value: unknown, at: Place): boolean =>
    typeof value === 'boolean' ? value : at.refuse('expected true or false'),
});

/** A whole number of the range. */
export const integer = (minimum: number, maximum: number): Kind<number> =>
  Object.freeze({
    type: 'whole number',
    schema: { type: 'integer', minimum, maximum },
    read: (value: unknown, at: Place): number =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum
        ? value
        : at.refuse(`expected a whole number from ${minimum} to ${maximum}`),
  });
