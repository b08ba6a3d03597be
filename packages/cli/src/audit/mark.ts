/**
 * What the lines of an audit file say about the chain: every record ends with its lane and sequence, the last one of a
 * write also with the hash of all so far and its MAC; a head is a line of its own. Only ends of lines are looked at: nothing
 * that a caller sent can stand there.
 */

export interface Mark {
  readonly lane: string;
  readonly sequence: number;
  /** Only at the end of a write. */
  readonly end: MarkEnd | undefined;
}

export interface MarkEnd {
  readonly hash: string;
  readonly mac: string;
  /** The hash is of all bytes before this one. */
  readonly at: number;
}

export interface Reached {
  readonly sequence: number;
  readonly hash: string;
}

/** Where the writer says the chain stands. */
export interface Head {
  readonly lane: string;
  readonly store: string;
  readonly device: string;
  readonly key: number;
  readonly version: number;
  readonly from: Reached;
  /** The last write before this line that was certain, where others followed. */
  readonly failed: Reached | undefined;
  /** The last place known of the device's lane before. */
  readonly after: (Reached & { readonly lane: string }) | undefined;
}

const latin1 = new TextDecoder('latin1');
const tailBytes = 280;
const frontBytes = 256;
const headLimit = 4096;
const newline = 0x0a;

const markPattern =
  /,"chain":\{"lane":"([0-9a-z]{17})","sequence":([1-9]\d{0,15})(?:(,"hash":")([0-9a-f]{64})","mac":"([0-9a-f]{64})")?\}\}$/;

export const bodyLength = (bytes: Uint8Array): number => (bytes.at(-1) === newline ? bytes.length - 1 : bytes.length);

export const markOf = (bytes: Uint8Array): Mark | undefined => {
  const length = bodyLength(bytes);
  const from = Math.max(0, length - tailBytes);
  const found = markPattern.exec(latin1.decode(bytes.subarray(from, length)));
  if (found === null) return undefined;
  const [text, lane = '', sequence, split, hash = '', mac = ''] = found;
  const end = split === undefined ? undefined : { hash, mac, at: length - text.length + text.indexOf(split) };
  return { lane, sequence: Number(sequence), end };
};

/** The time of a record; undefined where the line is none. */
export const timeOf = (bytes: Uint8Array): string | undefined =>
  /\{"time":"([0-9TZ:.+-]{20,40})"/.exec(latin1.decode(bytes.subarray(0, frontBytes)))?.[1];

const headPattern = /\{"time":"[0-9TZ:.-]{20,40}","type":"chain","auth":\{\},"request":\{\},"chain":\{/;

type Members = { readonly [name: string]: unknown };

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const reached = (value: unknown): Reached | undefined => {
  if (!isMembers(value)) return undefined;
  const { sequence, hash } = value;
  return typeof sequence === 'number' && typeof hash === 'string' ? { sequence, hash } : undefined;
};

/** Undefined where the line is no head. */
export const headOf = (bytes: Uint8Array): Head | undefined => {
  if (bytes.length > headLimit) return undefined;
  const text = latin1.decode(bytes.subarray(0, bodyLength(bytes)));
  const start = headPattern.exec(text)?.index;
  if (start === undefined) return undefined;
  const chain = chainOf(text.slice(start));
  const from = reached({ sequence: chain?.['sequence'], hash: chain?.['from'] });
  if (chain === undefined || from === undefined) return undefined;
  const { lane, store, device, key, version, after } = chain;
  if (typeof lane !== 'string' || typeof key !== 'number' || typeof version !== 'number') return undefined;
  const before = reached(after);
  const beforeLane = isMembers(after) ? after['lane'] : undefined;
  return {
    lane,
    store: typeof store === 'string' ? store : '',
    device: typeof device === 'string' ? device : '',
    key,
    version,
    from,
    failed: reached(chain['failed']),
    after: before && typeof beforeLane === 'string' ? { ...before, lane: beforeLane } : undefined,
  };
};

const chainOf = (text: string): Members | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    const chain = isMembers(parsed) ? parsed['chain'] : undefined;
    return isMembers(chain) ? chain : undefined;
  } catch {
    return undefined;
  }
};
