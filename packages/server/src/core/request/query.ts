/**
 * The query of a request target: `name=value` pairs joined by `&`, each decoded exactly once, `+` standing for a space.
 * `;` is an ordinary character. Names keep all their values, in order.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { decodeOnce } from './percent.ts';

export const parametersLimit = 1000;

/** Bytes that cannot stand in a request target, and `#`, which would start a fragment. */
const refused = /[^\x21\x22\x24-\x7e\x80-\xff]/;
const unprintableName = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;

/** `raw`: what follows the `?`, at most `queryBytesLimit` long. Throws `malformed_target`. */
export function parseQuery(raw: string): ReadonlyMap<string, readonly string[]> {
  if (refused.test(raw)) throw new CofferError('malformed_target', 'the query contains a byte that is not allowed');
  const values = new Map<string, string[]>();
  let count = 0;
  for (let start = 0; start <= raw.length; ) {
    const next = raw.indexOf('&', start);
    const end = next < 0 ? raw.length : next;
    if (end > start) {
      if (++count > parametersLimit) throw tooMany();
      add(values, raw.slice(start, end));
    }
    start = end + 1;
  }
  return values;
}

function add(values: Map<string, string[]>, pair: string): void {
  const equals = pair.indexOf('=');
  const name = decodeForm(equals < 0 ? pair : pair.slice(0, equals));
  if (unprintableName.test(name)) {
    throw new CofferError(
      'malformed_target',
      'the name of a query parameter contains a character that cannot be printed',
    );
  }
  const value = equals < 0 ? '' : decodeForm(pair.slice(equals + 1));
  const known = values.get(name);
  if (known === undefined) values.set(name, [value]);
  else known.push(value);
}

const decodeForm = (raw: string): string => {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  return plainText.test(spaced) ? spaced : decodeOnce(spaced);
};
const plainText = /^[\x20-\x24\x26-\x7e]*$/;

const tooMany = (): CofferError =>
  new CofferError('malformed_target', `the query has more than ${parametersLimit} parameters`);
