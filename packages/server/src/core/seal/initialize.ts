/**
 * The first setting up of a store. It counts as initialised with its last commit, which lays down the seal's
 * configuration; a marker in the first says that what lies there is unfinished, and only then is it cleared for another
 * attempt. Nothing that lacks the marker is ever cleared.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import type { Seal } from '../../contracts/seal.ts';
import type { Check, Storage } from '../../contracts/storage.ts';
import { keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { layoutPrefix, storeKey } from '../barrier/layout.ts';
import { idBytes } from '../barrier/record.ts';
import { recoveryWrite } from './authority.ts';
import { configWrite } from './config.ts';
import type { Deal } from './deal.ts';
import { checkPgp, checkSplitting, deal } from './deal.ts';
import type { KeyTexts } from './key-text.ts';
import { keyTexts } from './key-text.ts';
import { wrapBySeal, wrapByShares } from './root-key.ts';
import type { Splitting } from './shamir.ts';

export interface InitOptions {
  readonly secretShares?: number;
  readonly secretThreshold?: number;
  readonly recoveryShares?: number;
  readonly recoveryThreshold?: number;
  readonly pgpKeys?: readonly string[];
  readonly recoveryPgpKeys?: readonly string[];
  readonly rootTokenPgpKey?: string;
  /**
   * Takes what is shown this once before the store counts as initialised: where it fails, or the process ends before it
   * is through, there is no store that nobody has the keys of.
   */
  readonly keep?: (made: InitResult) => Promise<void>;
}

/** Shown this once. */
export interface InitResult extends KeyTexts {
  /** Undefined where the seal does not open by itself. */
  readonly recovery: KeyTexts | undefined;
  readonly rootToken: string;
}

export interface InitPorts {
  readonly storage: Storage;
  readonly random: Random;
  readonly barrier: Barrier;
  readonly seal: Seal;
  /** Fills the open, empty store; answers the first root token. */
  fill(): Promise<string>;
}

const markerKey = '1/-/seal/unfinished';
/** Records cleared by one commit. */
const clearStep = 1_000;

const given = (fields: readonly (readonly [name: string, value: unknown])[]): string =>
  fields.flatMap(([name, value]) => (value === undefined || value === 0 ? [] : [name])).join(',');

const refuseGiven = (fields: readonly (readonly [string, unknown])[], type: string): void => {
  const names = given(fields);
  if (names === '') return;
  throw new CofferError('invalid_request', `parameters ${names} not applicable to seal type ${type}`);
};

/** Of the unseal key, or of the recovery key: there 0 shares make none. */
const planOf = (options: InitOptions, seal: Seal): Splitting => {
  const { secretShares, secretThreshold, recoveryShares, recoveryThreshold } = options;
  checkPgp('pgp_keys', options.pgpKeys);
  checkPgp('recovery_pgp_keys', options.recoveryPgpKeys);
  checkPgp('root_token_pgp_key', options.rootTokenPgpKey ? [options.rootTokenPgpKey] : []);
  const secret = [['secret_shares', secretShares] as const, ['secret_threshold', secretThreshold] as const];
  const recovery = [['recovery_shares', recoveryShares] as const, ['recovery_threshold', recoveryThreshold] as const];
  refuseGiven(seal.auto === undefined ? recovery : secret, seal.type);
  const plan =
    seal.auto === undefined
      ? { shares: secretShares ?? 0, threshold: secretThreshold ?? 0 }
      : { shares: recoveryShares ?? 0, threshold: recoveryThreshold ?? 0 };
  const none = seal.auto !== undefined && plan.shares === 0 && plan.threshold === 0;
  if (!none) checkSplitting(plan, seal.auto === undefined ? 'seal' : 'recovery');
  return plan;
};

const conflict = (): CofferError => new CofferError('conflict', 'The store is being initialised by somebody else.');

const remove = async ({ storage, random }: InitPorts, keys: readonly string[]): Promise<void> => {
  const result = await storage.commit({
    id: random.bytes(idBytes).toHex(),
    checks: [{ key: markerKey, expect: 'present' }],
    writes: keys.map(key => ({ key, value: undefined })),
  });
  if (!result.ok) throw conflict();
};

/** Throws `data_corrupt` where there is a store without its configuration, which no unfinished attempt explains. */
const clearUnfinished = async (ports: InitPorts): Promise<void> => {
  const { storage } = ports;
  if ((await storage.get(markerKey)) === undefined) {
    if ((await storage.get(storeKey)) === undefined) return;
    throw new CofferError(
      'data_corrupt',
      'There is a store, but its seal configuration is missing: nothing was changed.',
    );
  }
  const last = [markerKey, storeKey];
  for (;;) {
    const found = await storage.range(layoutPrefix, { values: false, limit: clearStep });
    const keys = found.map(({ key }) => key).filter(key => !last.includes(key));
    if (keys.length === 0) break;
    await remove(ports, keys);
  }
  await remove(ports, last);
};

const noDeal: Deal = { key: new Uint8Array(0), shares: [], verifiers: [] };

interface Made extends Deal {
  /** The marker as this attempt wrote it. */
  readonly marker: Check;
}

/** Store, keyring, wrapped root key and marker in one commit. Wipes nothing of what it is given. */
const make = async (ports: InitPorts, root: Uint8Array, plan: Splitting): Promise<Made> => {
  const { barrier, random, seal, storage } = ports;
  let dealt = noDeal;
  let mine = '';
  await barrier.init(root, async place => {
    if (plan.shares > 0) dealt = deal(random, place.storeId, plan);
    mine = place.writeId.toHex();
    const nonce = random.bytes(nonceBytes);
    const wrapped =
      seal.auto === undefined
        ? wrapByShares(root, { ...place, nonce, unsealKey: dealt.key })
        : await wrapBySeal(root, seal.auto, place.storeId);
    return [wrapped, { key: markerKey, value: place.writeId }];
  });
  const marker = await storage.get(markerKey);
  if (marker?.value.toHex() !== mine) throw conflict();
  return { ...dealt, marker: { key: markerKey, expect: marker.revision } };
};

const finish = async ({ barrier, seal }: InitPorts, plan: Splitting, made: Made): Promise<void> => {
  const result = await barrier.commit({
    checks: [made.marker],
    writes: seal.auto !== undefined && plan.shares > 0 ? [recoveryWrite(made.key)] : [],
    plain: [configWrite({ type: seal.type, ...plan, verifiers: made.verifiers }), { key: markerKey, value: undefined }],
  });
  if (!result.ok) throw conflict();
};

/** Leaves the barrier open. */
export const initializeStore = async (ports: InitPorts, options: InitOptions): Promise<InitResult> => {
  const plan = planOf(options, ports.seal);
  await clearUnfinished(ports);
  const root = ports.random.bytes(keyBytes);
  const made = await make(ports, root, plan);
  await ports.barrier.unseal(root);
  const rootToken = await ports.fill();
  const texts = keyTexts(made.shares);
  const result: InitResult =
    ports.seal.auto === undefined
      ? { ...texts, recovery: undefined, rootToken }
      : { keys: [], keysBase64: [], recovery: texts, rootToken };
  await options.keep?.(result);
  await finish(ports, plan, made);
  made.key.fill(0);
  return result;
};
