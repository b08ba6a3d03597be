/** `operator rekey`: new unseal or recovery keys, agreed to by the holders of the old ones, one key at a time. */
import { textIn, textsIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { askSecret } from '../ask.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { bool, list, number, text } from '../flags.ts';
import { cell } from '../format/cell.ts';
import { keyValue } from '../format/table.ts';
import { factsOf, placeFor, type Places } from './allowed-path.ts';
import { pgpKeys } from './pgp-keys.ts';

const defaultShares = 5;
const defaultThreshold = 3;

const closedBy = 'disable_unauthed_rekey_endpoints';
const barrier: Places = { open: 'sys/rekey', withToken: 'sys/rotate/root', closedBy };
const recovery: Places = { open: 'sys/rekey-recovery-key', withToken: 'sys/rotate/recovery', closedBy };

const targetOf = (cx: Cx): Places => {
  const target = cx.flags.text('target') ?? 'barrier';
  if (target === 'barrier') return barrier;
  if (target === 'recovery') return recovery;
  throw new CofferError('usage', '-target: expected barrier or recovery');
};

const statusRows = (status: JsonObject): [string, string][] => {
  const rows: [string, string][] = [
    ['Nonce', textIn(status, 'nonce')],
    ['Started', cell(status.get('started') ?? false)],
  ];
  if (status.get('started') === true) {
    rows.push(['Rekey Progress', `${cell(status.get('progress'))}/${cell(status.get('required'))}`]);
    rows.push(['New Shares', cell(status.get('n'))], ['New Threshold', cell(status.get('t'))]);
  }
  rows.push(['Verification Required', cell(status.get('verification_required') ?? false)]);
  const nonce = textIn(status, 'verification_nonce');
  if (nonce !== '') rows.push(['Verification Nonce', nonce]);
  return rows;
};

const showStatus = (cx: Cx, status: JsonObject): number =>
  cx.result({ json: status, table: () => keyValue(statusRows(status)), fields: [...status] });

const initBody = async (cx: Cx): Promise<ReadonlyMap<string, Out>> => {
  const body = new Map<string, Out>([
    ['secret_shares', cx.flags.number('key-shares') ?? defaultShares],
    ['secret_threshold', cx.flags.number('key-threshold') ?? defaultThreshold],
  ]);
  const keys = await pgpKeys(cx, 'pgp-keys');
  if (keys.length > 0) body.set('pgp_keys', keys);
  if (cx.flags.bool('backup')) body.set('backup', true);
  if (cx.flags.bool('verify')) body.set('require_verification', true);
  return body;
};

const doneText = (facts: JsonObject): string => {
  const keys = textsIn(facts, 'keys_base64').map((key, at) => `Key ${at + 1}: ${key}`);
  const verify =
    facts.get('verification_required') === true
      ? `\n\nThe old keys stay in force until the new ones are given to "coffer operator rekey -verify", nonce ${textIn(facts, 'verification_nonce')}.`
      : '\n\nThe old keys no longer open the store. Keep these safe: they are shown this once.';
  return `${keys.join('\n')}\n\nOperation nonce: ${textIn(facts, 'nonce')}${verify}`;
};

const showProgress = (cx: Cx, facts: JsonObject): number => {
  if (facts.get('complete') !== true) return showStatus(cx, facts);
  const isNew = textsIn(facts, 'keys_base64').length > 0;
  const table = (): string => (isNew ? doneText(facts) : 'Success! The new keys are verified and in force.');
  return cx.result({ json: facts, table, fields: [...facts] });
};

const giveKey = async (cx: Cx, base: string, status: JsonObject): Promise<number> => {
  const verify = cx.flags.bool('verify');
  if (!verify && status.get('started') !== true) {
    throw new CofferError('usage', 'No rekey is in progress. Start one with "coffer operator rekey -init".');
  }
  const nonce = cx.flags.text('nonce') ?? textIn(status, verify ? 'verification_nonce' : 'nonce');
  const key = await askSecret(cx, cx.args[0], 'Rekey Key');
  const path = `${base}/${verify ? 'verify' : 'update'}`;
  return showProgress(cx, factsOf(await cx.send({ method: 'PUT', path, body: { key, nonce } })));
};

const cancel = async (cx: Cx, base: string): Promise<number> => {
  await cx.send({ method: 'DELETE', path: `${base}/${cx.flags.bool('verify') ? 'verify' : 'init'}` });
  return cx.success('Canceled rekeying (if it was started)');
};

const backup = async (cx: Cx, base: string, method: 'GET' | 'DELETE'): Promise<number> => {
  const answer = await cx.send({ method, path: `${base}/backup` });
  if (method === 'GET') return cx.answer(answer);
  return cx.success('Deleted the stored keys (if there were any)');
};

const rekey = async (cx: Cx): Promise<number> => {
  const places = targetOf(cx);
  const { base, status } = await placeFor(cx, places, 'init');
  if (cx.flags.bool('status')) return showStatus(cx, status);
  if (cx.flags.bool('cancel')) return cancel(cx, base);
  if (cx.flags.bool('backup-retrieve')) return backup(cx, base, 'GET');
  if (cx.flags.bool('backup-delete')) return backup(cx, base, 'DELETE');
  if (!cx.flags.bool('init')) return giveKey(cx, base, status);
  const answer = await cx.send({ method: 'PUT', path: `${base}/init`, body: await initBody(cx) });
  const shown = showStatus(cx, factsOf(answer));
  if (shown === exits.ok && cx.format === 'table')
    cx.io.err('Give the keys now in force, one by one, with "coffer operator rekey".\n');
  return shown;
};

export const operatorRekeyCommands: readonly Command[] = [
  command({
    name: 'operator rekey',
    args: '[KEY|-]',
    summary: 'Make new unseal keys: start with -init, then give the keys in force',
    flags: {
      init: bool('Start; then give the keys, one by one'),
      status: bool('Show how far it is'),
      cancel: bool('Stop and forget the keys given'),
      verify: bool('With -init: ask for the new keys before they count. Without: give a new key'),
      nonce: text('Nonce of the operation'),
      target: text('Which keys', { values: ['barrier', 'recovery'], default: 'barrier' }),
      'key-shares': number('Keys to make', { alias: 'n', default: String(defaultShares) }),
      'key-threshold': number('Keys that are needed', { alias: 't', default: String(defaultThreshold) }),
      'pgp-keys': list('Files of PGP keys, one for each new key'),
      backup: bool('Keep the encrypted new keys in the store'),
      'backup-retrieve': bool('Show the keys that were kept'),
      'backup-delete': bool('Delete the keys that were kept'),
    },
    count: [0, 1],
    idle: ['wrap-ttl'],
    doing: () => 'rekeying',
    run: rekey,
  }),
];
