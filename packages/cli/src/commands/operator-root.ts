/** `operator generate-root`: a new root token, agreed to by the holders of the keys, encrypted under a one-time pad. */
import { numberIn, textIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { askSecret } from '../ask.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { bool, text } from '../flags.ts';
import { cell } from '../format/cell.ts';
import { keyValue } from '../format/table.ts';
import { factsOf, placeFor, type Places } from './allowed-path.ts';
import { decodeToken, makePad } from './one-time-pad.ts';
import { pgpKeys } from './pgp-keys.ts';

const bases: Places = {
  open: 'sys/generate-root',
  withToken: 'sys/generate-root-token',
  closedBy: 'disable_unauthed_generate_root_endpoints',
};

const statusRows = (status: JsonObject): [string, string][] => {
  const rows: [string, string][] = [
    ['Nonce', textIn(status, 'nonce')],
    ['Started', cell(status.get('started') ?? false)],
    ['Progress', `${cell(status.get('progress'))}/${cell(status.get('required'))}`],
    ['Complete', cell(status.get('complete') ?? false)],
  ];
  for (const [title, name] of [
    ['PGP Fingerprint', 'pgp_fingerprint'],
    ['OTP', 'otp'],
    ['Encoded Token', 'encoded_token'],
  ] as const) {
    const value = textIn(status, name);
    if (value !== '') rows.push([title, value]);
  }
  const length = numberIn(status, 'otp_length');
  if (length > 0) rows.push(['OTP Length', String(length)]);
  return rows;
};

const show = (cx: Cx, status: JsonObject): number =>
  cx.result({ json: status, table: () => keyValue(statusRows(status)), fields: [...status] });

const start = async (cx: Cx, base: string): Promise<number> => {
  const body = new Map<string, Out>();
  const otp = cx.flags.text('otp');
  if (otp !== undefined) body.set('otp', otp);
  const [key] = await pgpKeys(cx, 'pgp-key');
  if (key !== undefined) body.set('pgp_key', key);
  return show(cx, factsOf(await cx.send({ method: 'PUT', path: `${base}/attempt`, body })));
};

const giveKey = async (cx: Cx, base: string, status: JsonObject): Promise<number> => {
  if (status.get('started') !== true) {
    throw new CofferError(
      'usage',
      'No root generation is in progress. Start one with "coffer operator generate-root -init".',
    );
  }
  const nonce = cx.flags.text('nonce') ?? textIn(status, 'nonce');
  const key = await askSecret(cx, cx.args[0], 'Unseal Key');
  return show(cx, factsOf(await cx.send({ method: 'PUT', path: `${base}/update`, body: { key, nonce } })));
};

const cancel = async (cx: Cx, base: string): Promise<number> => {
  await cx.send({ method: 'DELETE', path: `${base}/attempt` });
  return cx.success('Root token generation canceled (if it was started)');
};

const decode = async (cx: Cx, given: string): Promise<number> => {
  const otp = cx.flags.text('otp');
  if (otp === undefined || otp === '') throw new CofferError('usage', 'Missing -otp: it was shown by -init');
  const encoded = await askSecret(cx, given, 'Encoded Token');
  const token = decodeToken(encoded.revealText(), otp);
  return cx.result({ json: new Map([['token', token]]), table: () => token, fields: [['token', token]] });
};

const showPad = (cx: Cx, status: JsonObject): number => {
  const otp = makePad(cx.io.random, numberIn(status, 'otp_length'));
  cx.io.out(`${otp}\n`);
  return exits.ok;
};

const generateRoot = async (cx: Cx): Promise<number> => {
  const encoded = cx.flags.text('decode');
  if (encoded !== undefined) return decode(cx, encoded);
  const { base, status } = await placeFor(cx, bases, 'attempt');
  if (cx.flags.bool('generate-otp')) return showPad(cx, status);
  if (cx.flags.bool('status')) return show(cx, status);
  if (cx.flags.bool('cancel')) return cancel(cx, base);
  return cx.flags.bool('init') ? start(cx, base) : giveKey(cx, base, status);
};

export const operatorRootCommands: readonly Command[] = [
  command({
    name: 'operator generate-root',
    args: '[KEY|-]',
    summary: 'Make a root token: start with -init, give the keys, then -decode it',
    flags: {
      init: bool('Start; prints the one-time pad once'),
      status: bool('Show how far it is'),
      cancel: bool('Stop and forget the keys given'),
      decode: text('Encoded token to decode, or - for standard input; needs -otp'),
      otp: text('One-time pad'),
      'generate-otp': bool('Print a new one-time pad'),
      'pgp-key': text('File of the PGP key to encrypt the token for'),
      nonce: text('Nonce of the operation'),
    },
    count: [0, 1],
    idle: ['wrap-ttl'],
    doing: () => 'generating root',
    run: generateRoot,
  }),
];
