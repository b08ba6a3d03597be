/**
 * What a Secret is beside its values, as custom metadata of its key in the store, and back. Format 1: every fact is one
 * readable entry (`coffer.type`, `coffer.source`, `coffer.label/NAME`, `coffer.annotation/NAME` …). What does not fit an entry (too long,
 * empty, not plain ASCII) or comes after the readable ones goes as a whole, as JSON pairs in pieces, to `coffer.more.00` and
 * on. What fits neither is refused: nothing is lost silently. Entries of others are left alone.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { defaultType, type KubeSecret } from './kube-secret.ts';

export type Entries = ReadonlyMap<string, string>;

/** What the store allows: 64 entries, names of 128 bytes, values of 512. Some stay free for entries of others. */
const nameLimit = 128;
const valueLimit = 512;
const readableLimit = 20;
const piecesLimit = 40;
const format = '1';

const names = {
  format: 'coffer.manifest',
  type: 'coffer.type',
  namespace: 'coffer.namespace',
  name: 'coffer.name',
  source: 'coffer.source',
  immutable: 'coffer.immutable',
  binary: 'coffer.binary',
} as const;
const piecePrefix = 'coffer.more.';
const labelPrefix = 'coffer.label/';
const annotationPrefix = 'coffer.annotation/';

export interface Facts {
  readonly secret: Omit<KubeSecret, 'data'>;
  /** Keys whose value is kept as base64. */
  readonly binary: readonly string[];
  /** File and line. */
  readonly source: string;
}

const own: ReadonlySet<string> = new Set(Object.values(names));

export const isOwnEntry = (name: string): boolean =>
  own.has(name) || [piecePrefix, labelPrefix, annotationPrefix].some(prefix => name.startsWith(prefix));

const everyFact = ({ secret, binary, source }: Facts): readonly (readonly [string, string])[] => [
  [names.format, format],
  [names.type, secret.type],
  [names.namespace, secret.namespace],
  [names.name, secret.name],
  [names.source, source],
  ...(secret.immutable ? [[names.immutable, 'true'] as const] : []),
  ...(binary.length === 0 ? [] : [[names.binary, JSON.stringify(binary.toSorted())] as const]),
  ...[...secret.labels].map(([name, value]) => [labelPrefix + name, value] as const),
  ...[...secret.annotations].map(([name, value]) => [annotationPrefix + name, value] as const),
];

const readable = /^[\x20-\x7e]+$/;
const fits = (name: string, value: string): boolean =>
  name.length <= nameLimit && value.length <= valueLimit && readable.test(name) && readable.test(value);

const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const pieces = (rest: readonly (readonly [string, string])[]): [string, string][] => {
  if (rest.length === 0) return [];
  const text = ascii(JSON.stringify(rest));
  const count = Math.ceil(text.length / valueLimit);
  if (count > piecesLimit) {
    const over = `labels and annotations need ${text.length} bytes beside the readable ones, ${piecesLimit * valueLimit} fit`;
    throw new CofferError('usage', `${over}; leave long ones out with -skip-annotation=NAME`);
  }
  return Array.from({ length: count }, (_, at) => [
    `${piecePrefix}${String(at).padStart(2, '0')}`,
    text.slice(at * valueLimit, (at + 1) * valueLimit),
  ]);
};

/** Throws `usage` where labels and annotations do not fit. */
export const entriesOf = (facts: Facts): Entries => {
  const entries = new Map<string, string>();
  const rest: (readonly [string, string])[] = [];
  for (const [name, value] of everyFact(facts)) {
    if (entries.size < readableLimit && fits(name, value)) entries.set(name, value);
    else rest.push([name, value]);
  }
  return new Map([...entries, ...pieces(rest)]);
};

const isPair = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every(one => typeof one === 'string');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const damaged = (what: string): CofferError => new CofferError('invalid_request', `custom metadata "${what}": damaged`);

const gathered = (entries: Entries): Map<string, string> => {
  const all = new Map([...entries].filter(([name]) => isOwnEntry(name) && !name.startsWith(piecePrefix)));
  const found = [...entries].filter(([name]) => name.startsWith(piecePrefix)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (found.length === 0) return all;
  const pairs = parsed(found.map(([, text]) => text).join(''));
  if (!Array.isArray(pairs) || !pairs.every(isPair)) throw damaged(`${piecePrefix}*`);
  for (const [name, value] of pairs) all.set(name, value);
  return all;
};

const below = (all: Entries, prefix: string): Map<string, string> =>
  new Map(
    [...all].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  );

const binaryOf = (all: Entries): readonly string[] => {
  const text = all.get(names.binary);
  const listed = text === undefined ? [] : parsed(text);
  if (!Array.isArray(listed) || !listed.every(one => typeof one === 'string')) throw damaged(names.binary);
  return listed;
};

/** Throws `invalid_request` for entries of a newer format, or damaged ones. Missing facts are empty. */
export const factsOf = (entries: Entries): Facts => {
  const all = gathered(entries);
  if ((all.get(names.format) ?? format) !== format) {
    throw new CofferError('invalid_request', `custom metadata "${names.format}": written by a newer version`);
  }
  return {
    secret: {
      namespace: all.get(names.namespace) ?? '',
      name: all.get(names.name) ?? '',
      type: all.get(names.type) ?? defaultType,
      immutable: all.get(names.immutable) === 'true',
      labels: below(all, labelPrefix),
      annotations: below(all, annotationPrefix),
    },
    binary: binaryOf(all),
    source: all.get(names.source) ?? '',
  };
};

const identity = (facts: Facts): string => {
  const sorted = everyFact({ ...facts, source: '' }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted);
};

/** Equal but for where they were read: a manifest that moved is no change. */
export const sameFacts = (left: Facts, right: Facts): boolean => identity(left) === identity(right);
