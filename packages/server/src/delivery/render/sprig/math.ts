/** Arithmetic. Whole numbers are int64 and wrap; every argument is converted as `convert.ts` says. */
import { any, fixed, int, string, type TemplateFunction, variadic } from '../function.ts';
import { Int, List, type Value } from '../value.ts';
import { fault, itemBytes, type Work } from '../work.ts';
import { parseWhole, toFloat, toText, toWhole } from './convert.ts';
import { combine, type Operation } from './decimal.ts';

const int64 = (value: bigint): Int => new Int(value, 'int64');
const divisor = (value: bigint): bigint => (value === 0n ? fault('cannot divide by zero') : value);

const two = (run: (a: bigint, b: bigint) => bigint): TemplateFunction =>
  fixed([any, any], ([a, b]) => int64(run(toWhole(a), toWhole(b))));

/** One number or more, combined from left to right, wrapping at each step. */
const many = (run: (a: bigint, b: bigint) => bigint): TemplateFunction =>
  variadic([[any], any], ([first], others) =>
    int64(others.map(toWhole).reduce((a, b) => BigInt.asIntN(64, run(a, b)), toWhole(first))),
  );

/** Exact products grow with each factor. */
const mostNumbers = 100;

const floats = (run: (numbers: readonly number[]) => number, leading: readonly number[] = []): TemplateFunction =>
  variadic([[], any], (_, values) => {
    const numbers = [...leading, ...values.map(toFloat)];
    if (!numbers.every(Number.isFinite)) return fault('needs finite numbers');
    if (numbers.length > mostNumbers) return fault(`takes at most ${mostNumbers} numbers`);
    return numbers.length === 0 ? fault('needs a number') : run(numbers);
  });

const decimals = (operation: Operation): TemplateFunction =>
  floats(numbers =>
    operation === 'divide' && numbers.slice(1).includes(0)
      ? fault('cannot divide by zero')
      : combine(operation, numbers),
  );

const round = (value: Value, places: number, from: number): number => {
  const power = 10 ** places;
  const scaled = power * toFloat(value);
  const rest = scaled - Math.trunc(scaled);
  return (rest >= from ? Math.ceil(scaled) : Math.floor(scaled)) / power;
};

interface Steps {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

const stepped = ({ start, stop, step }: Steps, work: Work): number[] => {
  if (step === 0 || (stop < start ? step > 0 : step < 0)) return [];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  work.make(count * itemBytes);
  work.step(count);
  return Array.from({ length: count }, (_, at) => start + at * step);
};

const ints = (numbers: readonly number[]): List =>
  new List(
    numbers.map(each => new Int(each)),
    'int',
  );

const way = (from: number, to: number): number => (to < from ? -1 : 1);

/** `seq`: numbers up to and with the last one, as one text. */
const sequence = (numbers: readonly number[], work: Work): string => {
  const [first = 0, second = 0, third = 0] = numbers;
  const plans: readonly (Steps | undefined)[] = [
    undefined,
    { start: 1, stop: first + way(1, first), step: way(1, first) },
    { start: first, stop: second + way(first, second), step: way(first, second) },
    third < first
      ? second > 0
        ? undefined
        : { start: first, stop: third - 1, step: second }
      : { start: first, stop: third + 1, step: second },
  ];
  const plan = plans[numbers.length];
  return plan === undefined ? '' : stepped(plan, work).join(' ');
};

const decimalOfOctal = (text: string): bigint =>
  /^[+-]?[0-7]+$/.test(text) ? (parseWhole(text.replace(/^([+-]?)0*(?=.)/, '$10o')) ?? 0n) : 0n;
const atoi = (text: string): bigint =>
  /^[+-]?\d+$/.test(text) ? (parseWhole(text.replace(/^([+-]?)0+(?=\d)/, '$1')) ?? 0n) : 0n;

export const mathFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['atoi', fixed([string], ([text]) => new Int(atoi(text)))],
  ['int', fixed([any], ([value]) => new Int(toWhole(value)))],
  ['int64', fixed([any], ([value]) => int64(toWhole(value)))],
  ['float64', fixed([any], ([value]) => toFloat(value))],
  ['toDecimal', fixed([any], ([value], work) => int64(decimalOfOctal(toText(value, work))))],
  ['add', variadic([[], any], (_, values) => int64(values.reduce<bigint>((sum, value) => sum + toWhole(value), 0n)))],
  ['add1', fixed([any], ([value]) => int64(toWhole(value) + 1n))],
  ['sub', two((a, b) => a - b)],
  ['div', two((a, b) => a / divisor(b))],
  ['mod', two((a, b) => a % divisor(b))],
  ['mul', many((a, b) => a * b)],
  ['max', many((a, b) => (b > a ? b : a))],
  ['biggest', many((a, b) => (b > a ? b : a))],
  ['min', many((a, b) => (b < a ? b : a))],
  ['addf', decimals('add')],
  ['add1f', floats(numbers => combine('add', numbers), [1])],
  ['subf', decimals('subtract')],
  ['mulf', decimals('multiply')],
  ['divf', decimals('divide')],
  ['maxf', floats(numbers => Math.max(...numbers))],
  ['minf', floats(numbers => Math.min(...numbers))],
  ['ceil', fixed([any], ([value]) => Math.ceil(toFloat(value)))],
  ['floor', fixed([any], ([value]) => Math.floor(toFloat(value)))],
  [
    'round',
    variadic([[any, int], any], ([value, places], [from]) =>
      round(value, places, from === undefined ? 0.5 : toFloat(from)),
    ),
  ],
  ['until', fixed([int], ([stop], work) => ints(stepped({ start: 0, stop, step: stop < 0 ? -1 : 1 }, work)))],
  ['untilStep', fixed([int, int, int], ([start, stop, step], work) => ints(stepped({ start, stop, step }, work)))],
  ['seq', variadic([[], int], (_, numbers, work) => sequence(numbers, work))],
];
