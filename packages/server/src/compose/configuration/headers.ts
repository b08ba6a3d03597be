/** `custom_response_headers`: by status, headers that every answer carries. */
import { HclError } from '@coffer/schema/hcl/error.ts';
import { readBlocks, readText } from '@coffer/schema/hcl/read.ts';
import type { HclItem, HclValue } from '@coffer/schema/hcl/tree.ts';

export type ResponseHeaders = ReadonlyMap<string, ReadonlyMap<string, string>>;

const headersLimit = 100;
const status = /^(?:default|[1-5]xx|[1-5][0-9]{2})$/;
const name = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const value = /^[\x20-\x7e\t]{0,4096}$/;
/** The server's own: they frame the answer. */
const reserved = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const readValue = (given: HclValue): string => {
  const texts = given.kind === 'list' ? given.values.map(readText) : [readText(given)];
  const text = texts.join('; ');
  if (!value.test(text)) throw new HclError(given, 'expected a header value of printable ASCII characters');
  return text;
};

const readHeader = (item: HclItem): [string, string] => {
  const [key] = item.keys;
  const lower = key.text.toLowerCase();
  if (!name.test(key.text)) throw new HclError(key, 'expected the name of a header');
  if (lower.startsWith('x-vault-') || reserved.has(lower))
    throw new HclError(key, `the header ${key.text} is set by the server`);
  return [key.text, readValue(item.value)];
};

const readStatus = (item: HclItem): (readonly [string, ReadonlyMap<string, string>])[] => {
  const [key] = item.keys;
  if (!status.test(key.text))
    throw new HclError(key, 'expected "default", a class such as "2xx", or a status such as "404"');
  return readBlocks(item, 0).map(({ body }) => [key.text, new Map(body.items.map(readHeader))] as const);
};

/** Throws `HclError`. Of one header said twice for one status, the last counts. */
export const readResponseHeaders = (items: readonly HclItem[]): ResponseHeaders => {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const [code, headers] of items
    .flatMap(item => readBlocks(item, 0))
    .flatMap(({ body }) => body.items.flatMap(readStatus))) {
    const all = new Map([...(found.get(code) ?? []), ...headers]);
    if (all.size > headersLimit)
      throw new HclError(items[0]?.keys[0] ?? { line: 1, column: 1 }, `more than ${headersLimit} headers`);
    found.set(code, all);
  }
  return found;
};
