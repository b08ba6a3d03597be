/** `operator init`: makes the keys of a new store, once. Asks the server which kind of seal it has. */
import type { Answer } from '@coffer/client/answer.ts';
import { objectIn, textIn, textsIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { bool, list, number, text } from '../flags.ts';
import { jsonNumber } from '../format/json.ts';
import { pgpKeys } from './pgp-keys.ts';

const defaultShares = 5;
const defaultThreshold = 3;
const notInitialised = 2;

/** Any failure is a 1 here: 2 says that the store is not initialised. */
const askState = async (cx: Cx): Promise<Answer> => {
  try {
    return await cx.send({ method: 'GET', path: 'sys/init' });
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    throw new CofferError('usage', `Error checking initialization status: ${cause.message}`, { cause });
  }
};

const showState = async (cx: Cx): Promise<number> => {
  const answer = await askState(cx);
  const initialised = answer.body.get('initialized') === true;
  const said = initialised ? 'Coffer is initialized' : 'Coffer is not initialized';
  cx.result({ json: answer.body, table: () => said, fields: [...answer.body] });
  return initialised ? exits.ok : notInitialised;
};

interface Shape {
  readonly shares: number;
  readonly threshold: number;
}

const shapeOf = (cx: Cx, kind: 'key' | 'recovery'): Shape => ({
  shares: cx.flags.number(`${kind}-shares`) ?? defaultShares,
  threshold: cx.flags.number(`${kind}-threshold`) ?? defaultThreshold,
});

const forShares = ['key-shares', 'key-threshold', 'pgp-keys'] as const;
const forRecovery = ['recovery-shares', 'recovery-threshold', 'recovery-pgp-keys'] as const;

/** Flags of the other kind of seal would have no effect, and an initialisation cannot be repeated. */
const refuseOthers = (cx: Cx, opensItself: boolean): void => {
  const [idle, wanted] = opensItself ? [forShares, forRecovery] : [forRecovery, forShares];
  const given = idle.filter(name => cx.flags.has(name)).map(name => `-${name}`);
  if (given.length === 0) return;
  const seal = opensItself
    ? 'opens by itself and has recovery keys'
    : 'is opened by unseal keys and has no recovery keys';
  const instead = wanted.map(name => `-${name}`).join(', ');
  throw new CofferError('usage', `${given.join(', ')}: the seal of this store ${seal}: use ${instead}`);
};

/** A seal that opens by itself has recovery keys in place of unseal keys. */
const bodyOf = async (cx: Cx, opensItself: boolean): Promise<ReadonlyMap<string, Out>> => {
  const body = new Map<string, Out>();
  const kind = opensItself ? 'recovery' : 'secret';
  const shape = shapeOf(cx, opensItself ? 'recovery' : 'key');
  body.set(`${kind}_shares`, shape.shares).set(`${kind}_threshold`, shape.threshold);
  const keys = await pgpKeys(cx, opensItself ? 'recovery-pgp-keys' : 'pgp-keys');
  if (keys.length > 0) body.set(opensItself ? 'recovery_pgp_keys' : 'pgp_keys', keys);
  const [rootKey] = await pgpKeys(cx, 'root-token-pgp-key');
  if (rootKey !== undefined) body.set('root_token_pgp_key', rootKey);
  return body;
};

const unsealAdvice = (shape: Shape): string =>
  `Coffer is initialized with ${shape.shares} key shares, of which ${shape.threshold} open it. Give the shares to different people and\n` +
  'keep them safe: they are shown this once, and without enough of them nobody can open the store after a restart.';

const recoveryAdvice =
  'Coffer is initialized and opens by itself. Recovery keys permit what unseal keys permit elsewhere, such as\nmaking a new root token; they do not open the store. They are shown this once.';

const numbered = (title: string, keys: readonly string[]): string =>
  keys.map((key, at) => `${title} ${at + 1}: ${key}\n`).join('');

const tableOf = (body: JsonObject, shape: Shape): string => {
  const unseal = textsIn(body, 'keys_base64');
  const recovery = textsIn(body, 'recovery_keys_base64');
  const advice = recovery.length > 0 ? recoveryAdvice : unsealAdvice(shape);
  const keys = numbered('Unseal Key', unseal) + numbered('Recovery Key', recovery);
  return `${keys}\nInitial Root Token: ${textIn(body, 'root_token')}\n\n${advice}`;
};

const count = (counts: boolean, value: number): Json => jsonNumber(counts ? value : 0);

const jsonOf = (body: JsonObject, shape: Shape): JsonObject => {
  const recovery = textsIn(body, 'recovery_keys_base64');
  const isRecovery = recovery.length > 0;
  return new Map<string, Json>([
    ['unseal_keys_b64', textsIn(body, 'keys_base64')],
    ['unseal_keys_hex', textsIn(body, 'keys')],
    ['unseal_shares', count(!isRecovery, shape.shares)],
    ['unseal_threshold', count(!isRecovery, shape.threshold)],
    ['recovery_keys_b64', recovery],
    ['recovery_keys_hex', textsIn(body, 'recovery_keys')],
    ['recovery_keys_shares', count(isRecovery, shape.shares)],
    ['recovery_keys_threshold', count(isRecovery, shape.threshold)],
    ['root_token', textIn(body, 'root_token')],
  ]);
};

const init = async (cx: Cx): Promise<number> => {
  if (cx.flags.bool('status')) return showState(cx);
  const seal = await (await cx.questions()).request({ method: 'GET', path: 'sys/seal-status' });
  const opensItself = seal.body.get('recovery_seal') === true;
  refuseOthers(cx, opensItself);
  const answer = await cx.send({ method: 'PUT', path: 'sys/init', body: await bodyOf(cx, opensItself) });
  const body = objectIn(answer.body, 'data') ?? answer.body;
  const shape = shapeOf(cx, opensItself ? 'recovery' : 'key');
  const json = jsonOf(body, shape);
  return cx.result({ json, table: () => tableOf(body, shape), fields: [...json] });
};

export const operatorInitCommands: readonly Command[] = [
  command({
    name: 'operator init',
    summary: 'Initialise a new store: prints its unseal keys and root token once',
    details: 'With -status the exit code says: 0 initialised, 1 error, 2 not initialised.',
    flags: {
      status: bool('Say whether the store is initialised, and change nothing'),
      'key-shares': number('Unseal keys to make', { alias: 'n', default: String(defaultShares) }),
      'key-threshold': number('Unseal keys that open the store', { alias: 't', default: String(defaultThreshold) }),
      'pgp-keys': list('Files of PGP keys, one for each unseal key, to encrypt them for'),
      'root-token-pgp-key': text('File of the PGP key to encrypt the root token for'),
      'recovery-shares': number('Recovery keys to make', { default: String(defaultShares) }),
      'recovery-threshold': number('Recovery keys that are needed', { default: String(defaultThreshold) }),
      'recovery-pgp-keys': list('Files of PGP keys, one for each recovery key'),
    },
    idle: ['wrap-ttl'],
    doing: () => 'initializing',
    run: init,
  }),
];
