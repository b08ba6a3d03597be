/** Random templates: mostly well-formed, with wrong types, missing keys and broken syntax here and there. */
import type { Dice } from './http-dice.ts';

type Kind = 'text' | 'whole' | 'float' | 'truth' | 'list' | 'dict';

const plain: { readonly [K in Kind]: readonly string[] } = {
  text: ['.user', '.password', '.count', '.empty', '.binary', '.list', '"t"', '""', '"é☃"', '"a b"', '`raw\\`'],
  whole: ['0', '1', '-3', '7', '0x10', "'a'", '(len .)'],
  float: ['2.5', '1e7', '-0.125', '1e21', '(divf 1 3)'],
  truth: ['true', 'false', '(not .empty)'],
  list: ['(list 1 "a" nil 2.5)', '(list)', '(splitList "," .list)', '(until 3)', '(list "x" (list 1 true))'],
  dict: ['(dict "a" 1 "b" "x")', '(dict)', '(fromJson .json)', '(dict "d" (dict "e" 5))'],
};
const kinds = Object.keys(plain) as Kind[];

/** Calls by what they answer; the words in capitals are replaced by operands. */
const calls: { readonly [K in Kind]: readonly string[] } = {
  text: [
    'upper TEXT',
    'trim TEXT',
    'quote ANY',
    'b64enc TEXT',
    'toJson ANY',
    'toString ANY',
    'html ANY',
    'js TEXT',

    'urlquery TEXT ANY',
    'print ANY ANY',
    'println ANY',
    'trunc WHOLE TEXT',
    'typeOf ANY',
    'kindOf ANY',
    'title TEXT',

    'squote ANY',
    'join TEXT LIST',
    'cat ANY ANY',
    'indent 2 TEXT',
    'trimSuffix TEXT TEXT',
    'replace TEXT TEXT TEXT',

    'printf "%v %d" ANY WHOLE',
    'printf "%5q|%-6v" TEXT ANY',
    'printf "%[2]v %T" ANY ANY',
    'printf "%*d%%" 5 WHOLE',

    'printf "%s %x" TEXT TEXT',
    'printf "%.3f %g %e" FLOAT FLOAT FLOAT',
    'printf "%t %z" TRUTH ANY',
    'printf TEXT ANY',
    'printf "%+d %05d %c" WHOLE WHOLE WHOLE',
    'toPrettyJson ANY',
    'slice TEXT 0',
    'b32enc TEXT',
    'seq WHOLE',
  ],
  whole: [
    'len TEXT',
    'len LIST',
    'add WHOLE ANY',
    'sub WHOLE WHOLE',
    'mul WHOLE FLOAT',
    'int ANY',
    'atoi TEXT',
    'max WHOLE WHOLE',
  ],
  float: ['float64 ANY', 'addf FLOAT WHOLE', 'mulf FLOAT FLOAT', 'round FLOAT 2', 'floor FLOAT', 'subf FLOAT FLOAT'],
  truth: [
    'eq WHOLE WHOLE',
    'eq TEXT TEXT',
    'ne ANY ANY',
    'lt WHOLE WHOLE',
    'ge TEXT TEXT',
    'le FLOAT FLOAT',
    'not ANY',
    'contains TEXT TEXT',
    'empty ANY',
    'deepEqual ANY ANY',
    'has ANY LIST',
    'hasKey DICT TEXT',
    'gt WHOLE WHOLE',
  ],
  list: [
    'list ANY ANY',
    'append LIST ANY',
    'reverse LIST',
    'uniq LIST',
    'rest LIST',
    'concat LIST LIST',
    'splitList TEXT TEXT',
    'without LIST ANY',
    'compact LIST',
    'toStrings ANY',
    'chunk 2 LIST',
  ],
  dict: ['dict TEXT ANY', 'set DICT TEXT ANY', 'merge DICT DICT', 'omit DICT TEXT', 'split TEXT TEXT', 'deepCopy DICT'],
};
/** Of any kind; `and`, `or` and `index` may answer anything. */
const loose = [
  'and ANY ANY',
  'or ANY ANY',
  'index LIST 0',
  'first LIST',
  'default ANY ANY',
  'coalesce ANY ANY',
  'ternary ANY ANY TRUTH',
  'get DICT TEXT',
];
/** Functions of one argument of any kind, for behind a `|`. */
const behind = [
  'print',
  'quote',
  'toJson',
  'html',
  'toString',
  'not',
  'empty',
  'list 1',
  'printf "%v-%v" 1',
  'typeOf',
  'eq 1',
  'len',
  'and 1',
  'default "d"',
];
/** What does not fit, or is not there. */
const wrong = ['nil', '.missing', '.user.x', '$none', '(fail .password)', '(index .user 99)', '"a" "b"', '()'];
const texts = ['a', ' ', '\n', ' b \n ', '}', '{', '', 'é', '"'];

export class TemplateDice {
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** A whole template. */
  template(): string {
    const { pick, chance } = this.#dice;
    const head = `{{$x := ${this.#any(2)}}}{{$y := ${pick(['1', '"s"', '(list 1 2)', '(dict "k" "v")'])}}}`;
    const defined = chance(4) ? `{{define "d"}}${this.#nodes(2)}{{end}}`.replaceAll(/\$[xy]/g, '$') : '';
    const whole = `${defined}${head}${this.#nodes(3)}${defined === '' ? '' : `{{template "d" ${this.#any(1)}}}`}`;
    return chance(15) ? this.#broken(whole) : whole;
  }

  /** One character taken out, or doubled. */
  #broken(text: string): string {
    const at = this.#dice.below(text.length);
    return text.slice(0, at) + (this.#dice.chance(2) ? text.charAt(at).repeat(2) : '') + text.slice(at + 1);
  }

  #nodes(depth: number): string {
    return Array.from({ length: 1 + this.#dice.below(3) }, () => this.#node(depth)).join('');
  }

  #node(depth: number): string {
    const { pick, below } = this.#dice;
    const open = pick(['{{', '{{ ', '{{- ']);
    const close = pick(['}}', ' }}', ' -}}']);
    if (depth === 0) return pick(texts);
    const body = (): string => this.#nodes(depth - 1);
    const pipe = (): string => this.#pipe(depth);
    switch (below(9)) {
      case 0:
        return `${open}if ${pipe()}${close}${body()}${this.#otherwise(depth, 'if')}${open}end${close}`;
      case 1:
        return `${open}with ${pick(['', '$z := '])}${pipe()}${close}${body()}${this.#otherwise(depth, 'with')}${open}end${close}`;
      case 2:
        return `${open}range ${pick(['', '$v := ', '$i, $v := ', '$x = ', '$y, $x = '])}${this.#ranged(depth)}${close}${body()}${this.#jump(open, close)}${body()}${this.#otherwise(depth, '')}${open}end${close}`;
      case 3:
        return `${open}$x ${pick(['=', ':='])} ${pipe()}${close}`;
      case 4:
      case 5:
        return pick(texts);
      default:
        return `${open}${pipe()}${close}`;
    }
  }

  #jump(open: string, close: string): string {
    const { chance, pick } = this.#dice;
    return chance(3)
      ? `${open}if ${this.#any(1)}${close}${open}${pick(['break', 'continue'])}${close}${open}end${close}`
      : '';
  }

  #otherwise(depth: number, kind: string): string {
    const { chance } = this.#dice;
    if (kind !== '' && chance(5)) return `{{else ${kind} ${this.#pipe(depth)}}}${this.#nodes(depth - 1)}`;
    return chance(2) ? `{{else}}${this.#nodes(depth - 1)}` : '';
  }

  #ranged(depth: number): string {
    return this.#dice.chance(10)
      ? this.#pipe(depth)
      : this.#operand(this.#dice.pick(['list', 'list', 'dict', 'whole']), 1);
  }

  #pipe(depth: number): string {
    const { chance, pick } = this.#dice;
    const first = chance(4) ? this.#any(depth) : this.#call(pick(chance(5) ? loose : calls[pick(kinds)]), depth);
    return chance(3) ? `${first} | ${pick(behind)}` : first;
  }

  #call(call: string, depth: number): string {
    return call.replaceAll(/\b(?:TEXT|WHOLE|FLOAT|TRUTH|LIST|DICT|ANY)\b/g, word =>
      word === 'ANY' ? this.#any(depth - 1) : this.#operand(word.toLowerCase() as Kind, depth - 1),
    );
  }

  #any(depth: number): string {
    const { pick, chance } = this.#dice;
    return chance(6) ? pick(['$x', '$y', '.', '$', 'nil']) : this.#operand(pick(kinds), depth);
  }

  #operand(kind: Kind, depth: number): string {
    const { chance, pick } = this.#dice;
    if (chance(60)) return pick(wrong);
    // Inside of `with` and `range` the dot is another: `$` always has the data.
    if (depth <= 0 || chance(2))
      return pick(plain[kind])
        .replaceAll(/(?<![\w)])\.(?=[a-z])/g, chance(20) ? '.' : '$.')
        .replace('(len .)', '(len $)');
    return `(${this.#call(pick(calls[kind]), depth)})`;
  }
}
