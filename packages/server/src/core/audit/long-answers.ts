/**
 * Hashes long lists of an answer in pieces, with a turn of the event loop between two of them: a hundred thousand names
 * hashed in one go would hold up everybody for a quarter of a second. The text is the same as in one go.
 */
import { RawJson } from '@coffer/schema/json/raw.ts';
import type { Out } from '@coffer/schema/out.ts';
import { turn } from '../../platform/clock/turn.ts';
import type { AuditHasher } from './hashing.ts';

/** Elements hashed between two turns. */
export const pieceLength = 500;

type Members = { readonly [name: string]: Out };

export class LongAnswers {
  readonly #hasher: AuditHasher;
  readonly #done = new WeakMap<object, string>();

  constructor(hasher: AuditHasher) {
    this.#hasher = hasher;
  }

  /** Undefined where the answer is not long: it is hashed when its record is made. */
  prepare(data: Out, plain: ReadonlySet<string>): Promise<void> | undefined {
    return hasLongList(data) ? this.#hash(data, plain) : undefined;
  }

  /** What `prepare` has made of it. */
  text(data: Out): string | undefined {
    return typeof data === 'object' && data !== null ? this.#done.get(data) : undefined;
  }

  async #hash(data: Members, plain: ReadonlySet<string>): Promise<void> {
    const members: string[] = [];
    for (const [name, value] of Object.entries(data)) {
      const text = isLong(value) ? await this.#list(name, value, plain) : this.#hasher.answer({ [name]: value }, plain);
      if (text !== '{}') members.push(text.slice(1, -1));
    }
    this.#done.set(data, `{${members.join(',')}}`);
  }

  /** `{"name":[…]}` or `{"name":{…}}`. */
  async #list(name: string, list: Long, plain: ReadonlySet<string>): Promise<string> {
    const empty = this.#hasher.sent({ [name]: list instanceof Map ? new Map() : [] }, plain);
    const [start, end] = [empty.slice(0, -2), empty.slice(-2)];
    const pieces: string[] = [];
    for (const piece of piecesOf(list)) {
      const text = this.#hasher.sent({ [name]: piece }, plain).slice(start.length, -end.length);
      if (text !== '') pieces.push(text);
      await turn();
    }
    return `${start}${pieces.join(',')}${end}`;
  }
}

type Long = readonly Out[] | ReadonlyMap<string, Out>;

const isLong = (value: Out): value is Long =>
  (Array.isArray(value) && value.length > pieceLength) || (value instanceof Map && value.size > pieceLength);

/** Every long list of an answer comes with its names. */
const hasLongList = (data: Out): data is Members =>
  typeof data === 'object' && data !== null && !(data instanceof Map) && 'keys' in data && isLong(data.keys as Out);

function* piecesOf(list: Long): Generator<Long> {
  if (!(list instanceof Map)) {
    const values = list as readonly Out[];
    for (let at = 0; at < values.length; at += pieceLength) yield values.slice(at, at + pieceLength);
    return;
  }
  let piece = new Map<string, Out>();
  for (const [name, value] of list as ReadonlyMap<string, Out>) {
    // Opened here: the hasher would remember the text of each.
    piece.set(name, value instanceof RawJson ? value.value() : value);
    if (piece.size < pieceLength) continue;
    yield piece;
    piece = new Map();
  }
  yield piece;
}
