/**
 * The JSON form of an HCL document, as the same tree: a member is an assigned item, a member that is null is not there.
 * Numbers keep their text. A comma before a closing bracket is accepted, anything after the document is not.
 */
import { HclError, type Place } from './error.ts';
import { Source } from './source.ts';
import type { HclItem, HclKey, HclObject, HclValue } from './tree.ts';

const blank = /[ \t\r\n]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null/y;
const joined = /[A-Za-z0-9_.+-]/;
// oxlint-disable-next-line no-control-regex -- RFC 8259 §7: these must be escaped
const stop = /["\\\u0000-\u001f]/g;
const hex = /u([0-9a-fA-F]{4})/y;
const pair = /u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y;
const simple: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

type Scalar = Extract<HclValue, { kind: 'number' | 'bool' }>;

class JsonParser {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  root(): HclObject {
    const place = this.#next();
    if (this.#peek() !== '{') this.#source.fail('a JSON document must be an object');
    const root = this.#object(0, place);
    this.#next();
    if (this.#peek() !== '') this.#source.fail('nothing may follow the JSON document');
    return root;
  }

  /** Skips white space and says where the next character stands. */
  #next(): Place {
    this.#source.at += this.#match(blank)?.[0].length ?? 0;
    return this.#source.place();
  }

  #peek(): string {
    return this.#source.text.charAt(this.#source.at);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#source.at;
    return pattern.exec(this.#source.text);
  }

  /** True, and past it, where `end` comes next. Else past the comma that must stand between two members. */
  #ends(end: '}' | ']', first: boolean): boolean {
    const place = this.#next();
    if (this.#peek() === end) {
      this.#source.at += 1;
      return true;
    }
    if (first) return false;
    if (this.#peek() !== ',') throw new HclError(place, `expected: COMMA | ${end === '}' ? 'RBRACE' : 'RBRACK'}`);
    this.#source.at += 1;
    this.#next();
    if (this.#peek() !== end) return false;
    this.#source.at += 1;
    return true;
  }

  #object(depth: number, place: Place): HclObject {
    this.#source.checkDepth(depth, place);
    this.#source.at += 1;
    const items: HclItem[] = [];
    for (let first = true; !this.#ends('}', first); first = false) {
      const item = this.#member(depth);
      if (item !== undefined) items.push(item);
    }
    return { ...place, kind: 'object', items };
  }

  #member(depth: number): HclItem | undefined {
    const place = this.#source.place();
    this.#source.count(place);
    if (this.#peek() !== '"') this.#source.fail('expected: STRING');
    const key: HclKey = { ...place, text: this.#string() };
    const colon = this.#next();
    if (this.#peek() !== ':') this.#source.fail('expected: COLON');
    this.#source.at += 1;
    const value = this.#value(depth + 1);
    return value === undefined ? undefined : { ...colon, keys: [key], assigned: true, value };
  }

  #list(depth: number, place: Place): HclValue {
    this.#source.checkDepth(depth, place);
    this.#source.at += 1;
    const values: HclValue[] = [];
    for (let first = true; !this.#ends(']', first); first = false) {
      const at = this.#source.place();
      this.#source.count(at);
      const value = this.#value(depth + 1);
      if (value === undefined) throw new HclError(at, 'null cannot stand in a list');
      values.push(value);
    }
    return { ...place, kind: 'list', values };
  }

  /** `undefined` for null. */
  #value(depth: number): HclValue | undefined {
    const place = this.#next();
    const first = this.#peek();
    if (first === '{') return this.#object(depth, place);
    if (first === '[') return this.#list(depth, place);
    if (first === '"') return { ...place, kind: 'text', text: this.#string() };
    return this.#scalar(place);
  }

  #scalar(place: Place): Scalar | undefined {
    const text = (this.#match(word) ?? this.#match(number))?.[0];
    if (text === undefined) return this.#source.fail('expected a JSON value');
    this.#source.at += text.length;
    if (joined.test(this.#peek())) throw new HclError(place, 'expected a JSON value');
    if (text === 'null') return undefined;
    if (text === 'true' || text === 'false') return { ...place, kind: 'bool', value: text === 'true' };
    return { ...place, kind: 'number', source: text, integer: !/[.eE]/.test(text) };
  }

  #string(): string {
    const { text, at: start } = this.#source;
    let value = '';
    this.#source.at += 1;
    for (;;) {
      stop.lastIndex = this.#source.at;
      const found = stop.exec(text);
      if (found === null) return this.#source.fail('literal not terminated', start);
      value += text.slice(this.#source.at, found.index);
      this.#source.at = found.index + 1;
      if (found[0] === '"') return value;
      if (found[0] !== '\\')
        return this.#source.fail('control characters in a JSON string must be escaped', found.index);
      value += this.#escape();
    }
  }

  #escape(): string {
    const start = this.#source.at - 1;
    const plain = simple.get(this.#peek());
    const both = plain === undefined ? this.#match(pair) : null;
    const one = plain === undefined && both === null ? this.#match(hex) : null;
    this.#source.at += both?.[0].length ?? one?.[0].length ?? 1;
    if (plain !== undefined) return plain;
    if (both !== null) return String.fromCharCode(code(both[1]), code(both[2]));
    const single = code(one?.[1]);
    if (one === null || (single >= 0xd800 && single <= 0xdfff)) this.#source.fail('illegal char escape', start);
    return String.fromCharCode(single);
  }
}

const code = (digits: string | undefined): number => Number.parseInt(digits ?? '', 16);

/** Reads JSON only. Throws `HclError`. */
export const parseHclJson = (text: string): HclObject => new JsonParser(new Source(text)).root();
