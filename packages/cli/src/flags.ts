/**
 * Flags of a command: what there is, and reading them from arguments. One dash or two; `-name=value` or `-name value`;
 * flags stand before the arguments, but for a few that count anywhere before `--`. A flag that nobody declared is refused.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { didYouMean, near } from '@coffer/schema/near.ts';

export type FlagKind = 'text' | 'bool' | 'number' | 'list' | 'pairs';

export interface FlagSpec {
  readonly kind: FlagKind;
  readonly summary: string;
  /** Environment variable without its `COFFER_`. */
  readonly env?: string;
  readonly alias?: string;
  /** Read wherever it stands, also behind the arguments. */
  readonly anywhere?: true;
  readonly values?: readonly string[];
  readonly default?: string;
}

export type FlagSpecs = { readonly [name: string]: FlagSpec };

export const text = (summary: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ kind: 'text', summary, ...more });
export const bool = (summary: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ kind: 'bool', summary, ...more });
export const number = (summary: string, more: Partial<FlagSpec> = {}): FlagSpec => ({
  kind: 'number',
  summary,
  ...more,
});
export const list = (summary: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ kind: 'list', summary, ...more });
export const pairs = (summary: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ kind: 'pairs', summary, ...more });

const trueWords: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Throws `usage`, naming the flag or variable and never its value. */
export const boolOf = (what: string, value: string): boolean => {
  if (trueWords.has(value)) return true;
  if (falseWords.has(value)) return false;
  throw new CofferError('usage', `${what}: expected true or false`);
};

const wholeNumber = /^-?[0-9]{1,15}$/;

/** What was given, by flag name. */
export class Flags {
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(given: ReadonlyMap<string, readonly string[]>) {
    this.#given = given;
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** The last one given. */
  text(name: string): string | undefined {
    return this.#given.get(name)?.at(-1);
  }

  bool(name: string): boolean {
    const value = this.text(name);
    return value !== undefined && boolOf(`-${name}`, value);
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!wholeNumber.test(value)) throw new CofferError('usage', `-${name}: expected a whole number`);
    return Number(value);
  }

  /** Repeated flags, each of which may be a list with commas. */
  list(name: string): readonly string[] | undefined {
    return this.#given
      .get(name)
      ?.flatMap(one => one.split(',').map(part => part.trim()))
      .filter(part => part !== '');
  }

  /** Every one given, as it is. */
  all(name: string): readonly string[] {
    return this.#given.get(name) ?? [];
  }

  pairs(name: string): ReadonlyMap<string, string> | undefined {
    const given = this.#given.get(name);
    if (given === undefined) return undefined;
    return new Map(given.filter(one => one !== '').map(one => pairOf(name, one)));
  }
}

const pairOf = (name: string, given: string): [string, string] => {
  const at = given.indexOf('=');
  if (at < 1) throw new CofferError('usage', `-${name}: expected KEY=VALUE`);
  return [given.slice(0, at), given.slice(at + 1)];
};

export interface Parsed {
  readonly flags: Flags;
  readonly args: readonly string[];
  /** Arguments that look like flags but stand too late to be read. */
  readonly late: readonly string[];
  readonly help: boolean;
}

interface Token {
  readonly name: string;
  readonly value: string | undefined;
}

/** `-`, `--` and everything without a dash are no flags. */
const tokenOf = (argument: string): Token | undefined => {
  if (!argument.startsWith('-') || argument === '-' || argument === '--') return undefined;
  const body = argument.slice(argument.startsWith('--') ? 2 : 1);
  const at = body.indexOf('=');
  return at === -1 ? { name: body, value: undefined } : { name: body.slice(0, at), value: body.slice(at + 1) };
};

const helpWords: ReadonlySet<string> = new Set(['h', 'help']);

/** A command, and the flags that others know and it refuses. */
interface Refusing {
  readonly name: string;
  readonly idle: readonly string[];
}

class Reader {
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #command: Refusing;
  readonly #names = new Map<string, string>();
  readonly #given = new Map<string, string[]>();
  readonly #args: string[] = [];
  readonly #late: string[] = [];
  #help = false;

  constructor(specs: ReadonlyMap<string, FlagSpec>, command: Refusing) {
    this.#specs = specs;
    this.#command = command;
    for (const [name, spec] of specs) {
      this.#names.set(name, name);
      if (spec.alias !== undefined) this.#names.set(spec.alias, name);
    }
  }

  read(argv: readonly string[]): Parsed {
    let open = true;
    let ended = false;
    for (let at = 0; at < argv.length; at += 1) {
      const argument = argv[at] ?? '';
      const token = tokenOf(argument);
      if (open && argument === '--') {
        open = false;
        ended = true;
      } else if (ended) this.#args.push(argument);
      else if (token !== undefined && (open || this.#isAnywhere(token))) at += this.#flag(token, argv[at + 1]);
      else {
        open = false;
        if (token !== undefined && this.#names.has(token.name)) this.#late.push(`-${token.name}`);
        this.#args.push(argument);
      }
    }
    return { flags: new Flags(this.#given), args: this.#args, late: this.#late, help: this.#help };
  }

  #isAnywhere(token: Token): boolean {
    return this.#specs.get(token.name)?.anywhere === true;
  }

  /** How many further arguments the flag took. */
  #flag(token: Token, next: string | undefined): 0 | 1 {
    const name = this.#names.get(token.name);
    if (name === undefined && helpWords.has(token.name)) {
      this.#help = true;
      return 0;
    }
    if (name === undefined) throw this.#unknown(token.name);
    const value = token.value ?? (this.#specs.get(name)?.kind === 'bool' ? 'true' : undefined);
    if (value === undefined && next === undefined) throw new CofferError('usage', `flag needs an argument: -${name}`);
    if (this.#specs.get(name)?.kind === 'bool' && value !== undefined) boolOf(`-${name}`, value);
    const values = this.#given.get(name) ?? [];
    values.push(value ?? next ?? '');
    this.#given.set(name, values);
    return value === undefined ? 1 : 0;
  }

  #unknown(name: string): CofferError {
    if (this.#command.idle.includes(name)) {
      return new CofferError('usage', `-${name} has no effect on "coffer ${this.#command.name}": leave it out`);
    }
    const meant = didYouMean(near(name, [...this.#specs.keys(), 'help']).map(one => `-${one}`));
    return new CofferError('usage', `flag provided but not defined: -${name}${meant === '' ? '' : `.${meant}`}`);
  }
}

export const parseFlags = (specs: ReadonlyMap<string, FlagSpec>, argv: readonly string[], command: Refusing): Parsed =>
  new Reader(specs, command).read(argv);
