/**
 * One reading of an object: where it is, what is wrong, what is not acted on. A problem ends the value it is found in, not
 * the reading, so that all of them are told at once. Names and paths are told, never values: they may be secret.
 */

const toldLimit = 10;
const shownKeyCharacters = 64;
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The value at this place cannot be read; what is wrong has been noted. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const shownKey = (key: string): string => JSON.stringify(key.slice(0, shownKeyCharacters).replaceAll(unprintable, '?'));

/** What has been found so far; each list is bounded, the rest is counted. */
export class Findings {
  readonly #texts: string[] = [];
  #count = 0;

  /** All, also those that are not told. */
  get count(): number {
    return this.#count;
  }

  /** Keeps it if there is room. */
  add(text: string): void {
    this.#count += 1;
    if (this.#texts.length < toldLimit) this.#texts.push(text);
  }

  /** With a last line for those that found no room. */
  told(): readonly string[] {
    const more = this.#count - this.#texts.length;
    return more === 0 ? this.#texts : [...this.#texts, `${more} more`];
  }
}

/** A place in the object that is read. */
export class Place {
  readonly path: string;
  readonly problems: Findings;
  readonly unsupported: Findings;

  constructor(path: string, problems = new Findings(), unsupported = new Findings()) {
    this.path = path;
    this.problems = problems;
    this.unsupported = unsupported;
  }

  #at(path: string): Place {
    return new Place(path, this.problems, this.unsupported);
  }

  /** `spec.target` → `spec.target.name`; for names of the table, which are printable. */
  member(name: string): Place {
    return this.#at(this.path === '' ? name : `${this.path}.${name}`);
  }

  /** `spec.data` → `spec.data[3]`. */
  item(index: number): Place {
    return this.#at(`${this.path}[${index}]`);
  }

  /** `spec.data` → `spec.data["some key"]`; for names that come from outside. */
  key(key: string): Place {
    return this.#at(`${this.path}[${shownKey(key)}]`);
  }

  /** Notes that the value here is not what is expected, and ends it. */
  refuse(what: string): never {
    this.note(what);
    throw new Unreadable();
  }

  /** Notes what is wrong; reading goes on. */
  note(what: string): void {
    this.problems.add(`${this.path}: ${what}`);
  }

  /** What `read` answers, or `undefined` where that has been noted as a problem. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }
}
