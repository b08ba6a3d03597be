/** Whole numbers and booleans, also written as text: `"5"`, `"true"`, `"1"`, `"t"`. */
import { type Kind, makeKind } from '../kind.ts';
import { refuseExpecting, scalarText } from './scalar.ts';

const digitsLimit = 20;
const wholeNumber = new RegExp(`^[+-]?[0-9]{1,${digitsLimit}}$`);
const oddNumbers: readonly unknown[] = [
  0,
  -0,
  1,
  -1,
  1.5,
  1e3,
  2 ** 53,
  '0',
  '7',
  ' 7 ',
  '-3',
  '0x10',
  '1.0',
  '1e3',
  '',
  'x',
  true,
  null,
  [],
  {},
];

const anInteger = 'a whole number';
/** Throws `Refused` for anything but an integer that a number holds exactly. */
export const readInteger = (given: string, expects = anInteger): number => {
  const text = given.trim();
  const value = wholeNumber.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value + 0 : refuseExpecting(expects);
};

export const integer: Kind<number> = makeKind({
  name: 'integer',
  expects: anInteger,
  json: { type: 'integer' },
  ts: { in: 'number', out: 'number' },
  emptyIsAbsent: true,
  coerce: value => readInteger(scalarText(value, anInteger)),
  form: text => readInteger(text),
  arbitrary: pick => pick(oddNumbers),
});

const aLimit = 'a whole number or "max"';
/** What counts at most is a bound of who answers: nothing, less and `max` all ask for everything. */
const readLimit = (text: string): number => (text === 'max' ? 0 : Math.max(0, readInteger(text, aLimit)));

/** How many at most; 0 is all. */
export const limit: Kind<number> = makeKind({
  name: 'limit',
  expects: aLimit,
  json: { type: 'string' },
  ts: { in: 'number | string', out: 'number' },
  emptyIsAbsent: true,
  coerce: value => readLimit(scalarText(value, aLimit)),
  form: readLimit,
  arbitrary: pick => pick(['max', 'MAX', ...oddNumbers]),
});

const aNatural = 'a whole number, 0 or more';
const readNatural = (text: string): number => {
  const value = readInteger(text, aNatural);
  return value < 0 ? refuseExpecting(aNatural) : value;
};
export const natural: Kind<number> = makeKind({
  name: 'natural',
  expects: aNatural,
  json: { type: 'integer', minimum: 0 },
  ts: { in: 'number', out: 'number' },
  emptyIsAbsent: true,
  coerce: value => readNatural(scalarText(value, aNatural)),
  form: readNatural,
  arbitrary: pick => pick(oddNumbers),
});

const aBoolean = 'true or false';
const words: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(word => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(word => [word, false] as const),
]);
const readBoolean = (text: string): boolean => words.get(text.trim()) ?? refuseExpecting(aBoolean);
export const boolean: Kind<boolean> = makeKind({
  name: 'boolean',
  expects: aBoolean,
  json: { type: 'boolean' },
  ts: { in: 'boolean', out: 'boolean' },
  emptyIsAbsent: true,
  coerce: value => readBoolean(scalarText(value, aBoolean)),
  form: readBoolean,
  arbitrary: pick => pick([true, false, 'true', 'F', '1', 0, 1, 2, 'yes', '', null, [], {}]),
});
