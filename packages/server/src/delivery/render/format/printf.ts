/** Go's Sprintf: flags, width, precision, `*`, `[n]`, and what it writes where format and arguments do not fit. */
import { runeAt } from '../bytes.ts';
import { Int, typeName, type Value } from '../value.ts';
import type { Work } from '../work.ts';
import { type Flags, noFlags } from './flags.ts';
import { format, print } from './show.ts';

/** Go takes no larger ones either, give or take a digit; what follows such a width is not read. */
const largestWidth = 1_000_000;
const mostDigits = 40;
const flagNames: ReadonlyMap<string, 'plus' | 'minus' | 'sharp' | 'space' | 'zero'> = new Map([
  ['+', 'plus'],
  ['-', 'minus'],
  ['#', 'sharp'],
  [' ', 'space'],
  ['0', 'zero'],
]);
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Printer {
  readonly #format: string;
  readonly #values: readonly Value[];
  readonly #work: Work;
  readonly #made: string[] = [];
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(text: string, values: readonly Value[], work: Work) {
    this.#format = text;
    this.#values = values;
    this.#work = work;
  }

  run(): string {
    while (this.#at < this.#format.length) {
      const found = this.#format.indexOf('%', this.#at);
      const end = found === -1 ? this.#format.length : found;
      this.#made.push(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (found !== -1) this.#verb();
    }
    if (!this.#reordered && this.#next < this.#values.length) this.#extra();
    return this.#made.join('');
  }

  #extra(): void {
    const each = this.#values
      .slice(this.#next)
      .map(value => (value === null ? '<nil>' : `${typeName(value)}=${print([value], this.#work)}`));
    this.#made.push(`%!(EXTRA ${each.join(', ')})`);
  }

  #verb(): void {
    this.#work.step();
    this.#goodIndex = true;
    this.#afterIndex = false;
    const flags = this.#flags();
    this.#index();
    this.#width(flags);
    this.#precision(flags);
    if (!this.#afterIndex) this.#index();
    if (this.#at >= this.#format.length) {
      this.#made.push('%!(NOVERB)');
      return;
    }
    const { length } = runeAt(this.#format, this.#at);
    const verb = this.#format.slice(this.#at, this.#at + length);
    this.#at += length;
    this.#made.push(this.#one(verb, flags));
  }

  #one(verb: string, flags: Flags): string {
    if (verb === '%') return '%';
    if (!this.#goodIndex) return `%!${verb}(BADINDEX)`;
    const value = this.#values[this.#next];
    if (value === undefined) return `%!${verb}(MISSING)`;
    this.#next++;
    if (verb !== 'v') return format(value, verb, flags);
    return format(value, verb, { ...flags, sharp: false, plus: false, syntax: flags.sharp });
  }

  #flags(): Mutable<Flags> {
    const flags: Mutable<Flags> = noFlags(this.#work);
    for (;;) {
      const name = flagNames.get(this.#format.charAt(this.#at));
      if (name === undefined) return flags;
      flags[name] = true;
      this.#at++;
    }
  }

  /** `[n]` */
  #index(): void {
    if (this.#format.charAt(this.#at) !== '[') return;
    this.#reordered = true;
    const [all, digits] = /^\[(\d{1,7})\]/.exec(this.#format.slice(this.#at, this.#at + 9)) ?? [];
    const index = Number(digits) - 1;
    if (all === undefined || index < 0 || index >= this.#values.length) {
      this.#goodIndex = false;
      const close = this.#format.indexOf(']', this.#at);
      this.#at = close === -1 ? this.#at + 1 : close + 1;
      return;
    }
    this.#next = index;
    this.#at += all.length;
    this.#afterIndex = true;
  }

  #number(): number | undefined {
    const [digits] = /^\d+/.exec(this.#format.slice(this.#at, this.#at + mostDigits)) ?? [];
    if (digits === undefined) return undefined;
    this.#at = Number(digits.slice(0, -1)) > largestWidth ? this.#format.length : this.#at + digits.length;
    return Number(digits);
  }

  /** The argument a `*` stands for. */
  #star(): number | undefined {
    const value = this.#values[this.#next];
    if (value !== undefined) this.#next++;
    const fits = value instanceof Int && value.value <= largestWidth && value.value >= -largestWidth;
    return fits ? Number(value.value) : undefined;
  }

  #width(flags: Mutable<Flags>): void {
    if (this.#format.charAt(this.#at) === '*') {
      this.#at++;
      const width = this.#star();
      if (width === undefined) this.#made.push('%!(BADWIDTH)');
      else flags.width = Math.abs(width);
      if (width !== undefined && width < 0) flags.minus = true;
      this.#afterIndex = false;
      return;
    }
    flags.width = this.#number();
    if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false;
  }

  #precision(flags: Mutable<Flags>): void {
    if (this.#format.charAt(this.#at) !== '.') return;
    this.#at++;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format.charAt(this.#at) !== '*') {
      flags.precision = this.#number() ?? 0;
      return;
    }
    this.#at++;
    const precision = this.#star();
    if (precision === undefined) this.#made.push('%!(BADPREC)');
    else if (precision >= 0) flags.precision = precision;
    else this.#made.push('%!(BADPREC)');
    this.#afterIndex = false;
  }
}

export const printf = (text: string, values: readonly Value[], work: Work): string =>
  new Printer(text, values, work).run();
