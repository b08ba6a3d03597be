/**
 * The member names of the objects that are open during a scan, to find a name used twice in one of them. Few names are
 * compared byte by byte, without making strings; many, or escaped ones, go into a set, so that the work stays linear.
 */
import { stringText } from './bytes.ts';

/** Names of one object compared one by one; from then on a set. */
const comparedLimit = 12;

export class Names {
  readonly #bytes: Uint8Array;
  /** Start and end of each name, of all open objects in order. */
  readonly #ends: number[] = [];
  /** For each open object, where its names begin in `#ends`. */
  readonly #bases: number[] = [];
  readonly #sets: (Set<string> | undefined)[] = [];
  /** Names seen so far, also those of closed objects. */
  total = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  open(): void {
    this.#bases.push(this.#ends.length);
    this.#sets.push(undefined);
  }

  close(): void {
    this.#ends.length = this.#bases.pop() ?? 0;
    this.#sets.pop();
  }

  /** Says what is wrong with the name, or nothing. */
  add(start: number, end: number, withEscapes: boolean): string | undefined {
    this.total += 1;
    const top = this.#sets.length - 1;
    const base = this.#bases[top] ?? 0;
    let set = this.#sets[top];
    if (set === undefined && (withEscapes || this.#ends.length - base >= 2 * comparedLimit)) {
      set = this.#gather(base);
      this.#sets[top] = set;
    }
    if (set !== undefined) return this.#addTo(set, start, end);
    if (this.#isProto(start, end)) return protoRefusal;
    if (this.#hasEqual(base, start, end)) return twiceRefusal;
    this.#ends.push(start, end);
    return undefined;
  }

  #gather(base: number): Set<string> {
    const set = new Set<string>();
    for (let index = base; index < this.#ends.length; index += 2) {
      set.add(stringText(this.#bytes, this.#ends[index] ?? 0, this.#ends[index + 1] ?? 0));
    }
    return set;
  }

  #addTo(set: Set<string>, start: number, end: number): string | undefined {
    const name = stringText(this.#bytes, start, end);
    if (name === '__proto__') return protoRefusal;
    if (set.size === set.add(name).size) return twiceRefusal;
    return undefined;
  }

  #isProto(start: number, end: number): boolean {
    return end - start === 9 && this.#bytes[start] === 0x5f && stringText(this.#bytes, start, end) === '__proto__';
  }

  #hasEqual(base: number, start: number, end: number): boolean {
    const ends = this.#ends;
    for (let index = base; index < ends.length; index += 2) {
      const other = ends[index] ?? 0;
      if ((ends[index + 1] ?? 0) - other === end - start && this.#equal(other, start, end - start)) return true;
    }
    return false;
  }

  #equal(left: number, right: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) if (bytes[left + index] !== bytes[right + index]) return false;
    return true;
  }
}

const protoRefusal = 'a member name that is not allowed';
const twiceRefusal = 'a member name that was used before';
