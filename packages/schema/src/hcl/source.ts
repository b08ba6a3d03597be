/**
 * The text under a reader: a cursor that knows its place. Places are counted forward only, so that a whole document costs
 * one pass; the bounds of every document stand here.
 */
import { HclError, type Place } from './error.ts';

/** Longest document, in UTF-16 units. */
export const textLimit = 1_048_576;
/** Deepest nesting of objects and lists. */
export const depthLimit = 64;
/** Most items and list values in one document. */
export const itemsLimit = 100_000;

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export class Source {
  readonly text: string;
  /** Offset of the next character. */
  at = 0;
  #marked = 0;
  #line = 1;
  #column = 1;
  #items = 0;

  constructor(text: string) {
    this.text = text.replaceAll('\r\n', '\n');
    if (text.length > textLimit) throw new HclError({ line: 1, column: 1 }, `text longer than ${textLimit} characters`);
    if (text.charCodeAt(0) === 0xfeff) this.fail('illegal char (byte order mark)', 0);
    const nul = this.text.indexOf('\0');
    if (nul >= 0) this.fail('unexpected null character (0x00)', nul);
    const lone = this.text.search(loneSurrogate);
    if (lone >= 0) this.fail('illegal UTF-8 encoding', lone);
  }

  /** Line and column of an offset. Cheap while offsets grow. */
  place(offset: number = this.at): Place {
    if (offset < this.#marked) {
      this.#marked = 0;
      this.#line = 1;
      this.#column = 1;
    }
    for (; this.#marked < offset; this.#marked += 1) this.#step(this.text.charCodeAt(this.#marked));
    return { line: this.#line, column: this.#column };
  }

  #step(unit: number): void {
    if (unit === 0x0a) {
      this.#line += 1;
      this.#column = 1;
    } else if (unit < 0xdc00 || unit > 0xdfff) this.#column += 1;
  }

  fail(reason: string, offset: number = this.at): never {
    throw new HclError(this.place(offset), reason);
  }

  /** Counts one more item against the bound. */
  count(place: Place): void {
    this.#items += 1;
    if (this.#items > itemsLimit) throw new HclError(place, `more than ${itemsLimit} items`);
  }

  checkDepth(depth: number, place: Place): void {
    if (depth > depthLimit) throw new HclError(place, `nested deeper than ${depthLimit} levels`);
  }
}
