/** Generated HTTP/1.1 traffic: mostly valid requests, then torn about by mutations. One character for each byte. */
import type { Dice } from './http-dice.ts';

/** LIST and SCAN as bytes that the general parser does not know, and stand-ins of the same length that it does. */
export const standIns: readonly (readonly [ours: string, general: string])[] = [
  ['LIST', 'LINK'],
  ['SCAN', 'LOCK'],
];

export interface Traffic {
  readonly ours: string;
  /** The same with the stand-ins. */
  readonly general: string;
  /** Where the bytes are cut into writes. */
  readonly cuts: readonly number[];
  /** Nothing was mutated, and nothing is outside of the narrow grammar. */
  readonly isPlain: boolean;
  readonly requests: number;
}

const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '\u0001', '\u0002'];
const oddMethods = ['TRACE', 'PROPFIND', 'QUERY', 'get', 'G', 'GETT', 'LISTS', 'M-SEARCH'];
const targets = [
  '/v1/a',
  '/v1/secret/data/app?version=2',
  '/',
  '/v1/a%2fb',
  '/v1/../x',
  '//v1',
  '/v1/a;b',

  '/v1/a#b',
  "/v1/{'}|\\^`",
];
const oddTargets = ['/v1/\xc3\xa9', '*', 'http://h/v1/a', 'h:443', 'v1/a', '?x', '/v1/a b', '/v1/\x7f', '/v1/\x01'];
const plainFields = [
  'Accept: */*',
  'x-vault-token: t',
  'X-Vault-Token:t',
  'X-Empty:',
  'X-Space: \t a b \t',
  'X-High: \xe9\xff',
  'X-Twice: 1',
  'X-Twice: 2',
];
plainFields.push("X-!#$%&'*+-.^_`|~: odd", 'Cookie: a=b', 'Trailer: x', 'Content-Type: text/plain');
const foreignFields = [
  'Expect: 100-continue',
  'Upgrade: h2c',
  'Connection: Upgrade',
  'Connection: close, te',
  'Connection: keep-alive, close',
];
const badFields = [
  'Transfer-Encoding: chunked',
  'Content-Length: 3',
  'Content-Length: +3',
  'Content-Length: 3, 3',
  'Content-Length: 0x3',
  'Content-Length:',
];
badFields.push(
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding:\tchunked',
  'Host: y',
);
badFields.push(
  ' folded: x',
  '\tfolded',
  'No-Colon',
  ': no name',
  'Sp ace: x',
  'X-Nul: \x00',
  'X-Cr: a\rb',
  'X-Lf: a\nb',
  'X-Esc: \x1b[2J',
  '\xe9: x',
  'X\x00Y: z',
);
const bodies = [
  '',
  'a',
  'body',
  'GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
  '0\r\n\r\n',
  '\r\n',
  'x'.repeat(300),
  '\x00\xff',
];
const scraps = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  ' ',
  '\t',
  ':',
  '\x00',
  '\x7f',
  '\x80',
  '\xff',
  ',',
  '0',
  '/',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  ';',
  '%',
  'Host: x\r\n',
];

export function traffic(dice: Dice): Traffic {
  const requests = 1 + dice.below(4);
  const isTouched = !dice.chance(3);
  const built = Array.from({ length: requests }, () =>
    isTouched && dice.chance(2) ? oddRequest(dice) : plainRequest(dice),
  );
  let bytes = built.join('');
  if (isTouched) for (let times = dice.below(3); times > 0; times--) bytes = mutated(bytes, dice);
  const cuts = Array.from({ length: dice.below(5) }, () => dice.below(bytes.length + 1)).toSorted((a, b) => a - b);
  return { ours: named(bytes, 0), general: named(bytes, 1), cuts, isPlain: !isTouched, requests };
}

function named(bytes: string, side: 0 | 1): string {
  return bytes.replaceAll('\u0001', standIns[0]?.[side] ?? '').replaceAll('\u0002', standIns[1]?.[side] ?? '');
}

function plainRequest(dice: Dice): string {
  const body = dice.chance(2) ? dice.pick(bodies) : '';
  const fields = [dice.pick(['Host: x', 'host:example.org:8200', 'HOST: [::1]']), ...some(plainFields, dice)];
  if (dice.chance(3)) fields.push(dice.pick(['Connection: keep-alive', 'connection: Keep-Alive']));
  if (body !== '' || dice.chance(4)) fields.splice(dice.below(fields.length + 1), 0, `Content-Length: ${body.length}`);
  return text({ method: dice.pick(methods), target: dice.pick(targets), fields, body });
}

function oddRequest(dice: Dice): string {
  const body = dice.pick(bodies);
  const fields = [...some(plainFields, dice), ...some(foreignFields, dice).slice(0, 1)];
  if (!dice.chance(6)) fields.push('Host: x');
  if (dice.chance(3)) fields.push(dice.pick(badFields));
  const isChunked = dice.chance(3);
  if (isChunked) fields.push('Transfer-Encoding: chunked');
  if (!isChunked || dice.chance(5)) fields.push(`Content-Length: ${dice.chance(8) ? dice.below(20) : body.length}`);
  const at = dice.below(fields.length);
  return text({
    method: dice.chance(5) ? dice.pick(oddMethods) : dice.pick(methods),
    target: dice.chance(5) ? dice.pick(oddTargets) : dice.pick(targets),
    version: dice.chance(8)
      ? dice.pick(['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11'])
      : 'HTTP/1.1',
    fields: [...fields.slice(at), ...fields.slice(0, at)],
    body: isChunked ? chunked(body, dice) : body,
  });
}

function chunked(body: string, dice: Dice): string {
  const cut = dice.below(body.length + 1);
  const pieces = [body.slice(0, cut), body.slice(cut)].filter(piece => piece !== '');
  const extension = dice.chance(6) ? dice.pick([';a=b', ' ', ';', '\n', 'x']) : '';
  return `${pieces.map(piece => `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`).join('')}0\r\n\r\n`;
}

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly version?: string;
  readonly fields: readonly string[];
  readonly body: string;
}

const text = ({ method, target, version = 'HTTP/1.1', fields, body }: Parts): string =>
  `${method} ${target} ${version}\r\n${fields.map(field => `${field}\r\n`).join('')}\r\n${body}`;

const some = (from: readonly string[], dice: Dice): string[] =>
  Array.from({ length: dice.below(4) }, () => dice.pick(from));

function mutated(bytes: string, dice: Dice): string {
  const at = dice.below(bytes.length + 1);
  const gone = dice.chance(2) ? 1 + dice.below(3) : 0;
  const scrap = dice.chance(4) ? '' : dice.pick(scraps);
  return bytes.slice(0, at) + scrap + bytes.slice(at + gone);
}
