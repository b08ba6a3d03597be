/** Header fields of an answer as lines. A frozen list is formatted once and remembered as long as it lives. */
import { isOwnHeader, isFieldName, isFieldValue } from '../platform/net/field.ts';

type Headers = readonly (readonly [name: string, value: string])[];

const remembered = new WeakMap<Headers, string>();

/** Throws `TypeError` where a name or value could not stand in an answer, naming the header only. */
export function headerLines(headers: Headers): string {
  if (!Object.isFrozen(headers)) return format(headers);
  const known = remembered.get(headers);
  if (known !== undefined) return known;
  const lines = format(headers);
  remembered.set(headers, lines);
  return lines;
}

function format(headers: Headers): string {
  let lines = '';
  for (const [name, value] of headers) {
    if (!isFieldName(name)) throw new TypeError('an answer has a malformed header name');
    if (isOwnHeader(name) || !isFieldValue(value)) throw new TypeError(`an answer cannot have this header: ${name}`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
