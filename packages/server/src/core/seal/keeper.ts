/**
 * Keeps the store closed or open: what `sys/init`, `sys/unseal`, `sys/seal` and their kin call. Owns the seal's state;
 * promises that the store counts as open only while its keys are in memory and everything that depends on them is ready,
 * and that nothing decrypted is kept once it is sealed. Changes happen one after the other.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { AutoSeal, Seal } from '../../contracts/seal.ts';
import type { Storage, Stored } from '../../contracts/storage.ts';
import type { Barrier } from '../barrier/barrier.ts';
import type { RecordCache } from '../barrier/cache.ts';
import { idBytes } from '../barrier/record.ts';
import { readStoreId } from '../barrier/store-record.ts';
import { recoveryKeyHolders, unsealKeyHolders } from './authority.ts';
import { closedKey, closedWrite } from './closed.ts';
import type { HeldConfig } from './config.ts';
import { readConfig } from './config.ts';
import type { RootTokens } from './generate-root.ts';
import { GenerateRoot } from './generate-root.ts';
import type { InitOptions, InitResult } from './initialize.ts';
import { initializeStore } from './initialize.ts';
import { parseKey } from './key-text.ts';
import { checkRestored } from './restored.ts';
import { Rekey } from './rekey.ts';
import { recoveryKeyTarget, rootKeyTarget, unsealKeyTarget } from './rekey-target.ts';
import { readRoot, unwrapByShares, unwrapBySeal, wrapBySeal } from './root-key.ts';
import { UnsealProgress } from './unseal.ts';

/** What the rest of the server does when the store opens and closes. */
export interface SealHooks {
  /** Fills the open, empty store with what every store has; answers the first root token. */
  fill(): Promise<string>;
  /** Makes everything ready that needs the store. Where it throws, the store is sealed again. */
  unsealed(): Promise<void>;
  /** Drops everything decrypted. The barrier is closed already. Also called after a failed opening. */
  sealed(): Promise<void>;
}

export interface KeeperPorts {
  readonly storage: Storage;
  readonly barrier: Barrier;
  /** Emptied with every sealing. */
  readonly cache: RecordCache;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
  readonly rootTokens: RootTokens;
  readonly hooks: SealHooks;
  /** Other nodes serve the same store. */
  readonly areMany?: boolean;
  /** What is still to be stored when an open store is to be sealed. Never rejects, and ends within a time of its own. */
  readonly beforeSealing?: () => Promise<void>;
}

export interface SealStatus {
  readonly type: string;
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Of the recovery key where the seal opens by itself. */
  readonly threshold: number;
  readonly shares: number;
  readonly progress: number;
  readonly nonce: string;
  readonly recoverySeal: boolean;
}

export class SealKeeper {
  /** Of the unseal key; of the root key alone where the seal opens by itself. */
  readonly rekey: Rekey;
  /** Undefined where the seal has no recovery key. */
  readonly recoveryRekey: Rekey | undefined;
  readonly generateRoot: GenerateRoot;
  readonly #ports: KeeperPorts;
  readonly #progress: UnsealProgress;
  #open = false;
  #initializing = false;
  /** The keys in memory are those of a store that is no longer there. */
  #isReplaced = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
    const { storage, barrier, random, clock, rootTokens: tokens } = ports;
    const { auto } = ports.seal;
    const authority = (auto === undefined ? unsealKeyHolders : recoveryKeyHolders)(storage, barrier);
    const target = auto === undefined ? unsealKeyTarget(barrier, random) : rootKeyTarget(barrier, random, auto);
    this.#progress = new UnsealProgress(clock, random);
    this.rekey = new Rekey({ clock, random, authority, target });
    this.recoveryRekey = auto && new Rekey({ clock, random, authority, target: recoveryKeyTarget(barrier) });
    this.generateRoot = new GenerateRoot({ clock, random, authority, tokens, storeId: () => barrier.storeId });
  }

  /** For every request: cheap. */
  get sealed(): boolean {
    return !this.#open || this.#ports.barrier.sealed;
  }

  async initialized(): Promise<boolean> {
    return (await readConfig(this.#ports.storage)) !== undefined;
  }

  async status(): Promise<SealStatus> {
    const config = await readConfig(this.#ports.storage);
    return {
      type: config?.type ?? this.#ports.seal.type,
      initialized: config !== undefined,
      sealed: this.sealed,
      threshold: config?.threshold ?? 0,
      shares: config?.shares ?? 0,
      progress: this.#progress.progress,
      nonce: this.#progress.nonce,
      recoverySeal: this.#ports.seal.auto !== undefined,
    };
  }

  /** Afterwards open where the seal opens by itself, sealed otherwise. */
  async initialize(options: InitOptions): Promise<InitResult> {
    if (this.#initializing || (await this.initialized())) throw refusal('Vault is already initialized');
    this.#initializing = true;
    try {
      return await this.#inTurn(() => this.#initialize(options));
    } finally {
      this.#initializing = false;
    }
  }

  /** One share of the unseal key, hex or base64. */
  async submitKey(text: string): Promise<SealStatus> {
    if (!this.sealed) return this.status();
    if (text === '') throw refusal("'key' must be specified in request body as JSON, or 'reset' set to true");
    const config = await this.#config();
    if (this.#ports.seal.auto !== undefined)
      throw refusal(`seal type ${config.type} opens by itself when the server starts: start it anew`);
    const storeId = await this.#storeId();
    const unsealKey = this.#progress.submit(parseKey(text), config, storeId);
    if (unsealKey !== undefined) await this.#inTurn(() => this.#unsealBy(unsealKey, storeId));
    return this.status();
  }

  /** Answers how many shares are kept all the same; see `UnsealProgress.reset`. */
  resetProgress(): number {
    if (!this.sealed) throw refusal('vault is unsealed');
    return this.#progress.reset();
  }

  /** Opens where the seal opens by itself and the store is initialised; answers whether it is open. */
  autoUnseal(): Promise<boolean> {
    return this.#inTurn(async () => {
      const { auto } = this.#ports.seal;
      if (auto === undefined || !this.sealed || !(await this.initialized())) return !this.sealed;
      await this.#unsealByItself(auto);
      return true;
    });
  }

  /** Opens with the root key itself, which is taken over: of a thread whose process has the store open. */
  openWith(rootKey: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.sealed) return;
      await this.#ports.barrier.unseal(rootKey);
      await this.#ready();
    });
  }

  /** As `seal`, of every node that serves this store. This one is sealed also where the others cannot be told. */
  async sealAll(): Promise<void> {
    const { barrier, storage, random, areMany } = this.#ports;
    if (barrier.sealed) return;
    try {
      if (areMany) await storage.commit({ id: random.bytes(idBytes).toHex(), writes: [closedWrite()] });
    } finally {
      await this.seal();
    }
  }

  /** Seals this node where all were to be sealed after revision `since`. */
  async follow(since: number): Promise<void> {
    const mark = await this.#ports.storage.get(closedKey);
    if (mark !== undefined && mark.revision > since) await this.seal();
  }

  /** Keys and everything decrypted are gone when this resolves; new requests see the sealed store at once. */
  async seal(): Promise<void> {
    if (this.#ports.barrier.sealed) return;
    await this.#close();
  }

  /**
   * Lets `work` put another store in the place of this one: requests and writes are refused meanwhile. Where it fails, this
   * one serves on; otherwise it is for the caller to seal, and to open what is there then.
   */
  replace(work: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.sealed) throw new CofferError('sealed', 'Vault is sealed');
      const thaw = this.#ports.barrier.freeze();
      this.#open = false;
      try {
        await work();
        this.#isReplaced = true;
      } catch (error) {
        if (!this.#ports.barrier.sealed) {
          thaw();
          this.#open = true;
        }
        throw error;
      }
    });
  }

  /** Replaces the root key where the seal can wrap the new one without people. */
  async rotateRootKey(): Promise<void> {
    const { auto } = this.#ports.seal;
    if (auto === undefined)
      throw refusal('the root key is replaced with the shares of the unseal key: see rotate/root/init');
    const { barrier, random } = this.#ports;
    await rootKeyTarget(barrier, random, auto).commit({ fresh: undefined, was: await this.#config() });
  }

  async #initialize(options: InitOptions): Promise<InitResult> {
    const { hooks, seal } = this.#ports;
    const ports = { ...this.#ports, fill: () => hooks.fill() };
    try {
      const result = await initializeStore(ports, options);
      if (seal.auto === undefined) await this.#close();
      else await this.#ready();
      return result;
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async #unsealBy(unsealKey: Uint8Array, storeId: Uint8Array): Promise<void> {
    if (!this.sealed) return;
    if (this.#isReplaced) await this.#close();
    const wrapped = await readRoot(this.#ports.storage);
    const root = unwrapByShares(unsealKey, storeId, wrapped.value);
    unsealKey.fill(0);
    if (root === undefined) throw refusal('Unseal failed, invalid key');
    await this.#ports.barrier.unseal(root);
    await this.#ready();
  }

  async #unsealByItself(auto: AutoSeal): Promise<void> {
    if (this.#isReplaced) await this.#close();
    await this.#config();
    const storeId = await this.#storeId();
    const wrapped = await readRoot(this.#ports.storage);
    const { root, current } = await unwrapBySeal(auto, storeId, wrapped.value);
    if (!current) await this.#wrapAgain({ root, auto, storeId, wrapped });
    await this.#ports.barrier.unseal(root);
    await this.#ready();
  }

  /** So that the seal's previous key can be thrown away. A refused check: another node did it. */
  async #wrapAgain({ root, auto, storeId, wrapped }: Rewrapping): Promise<void> {
    const write = await wrapBySeal(root, auto, storeId);
    await this.#ports.storage.commit({
      id: this.#ports.random.bytes(idBytes).toHex(),
      checks: [{ key: write.key, expect: wrapped.revision }],
      writes: [write],
    });
  }

  async #ready(): Promise<void> {
    this.#progress.clear();
    try {
      await checkRestored(this.#ports);
      await this.#ports.hooks.unsealed();
      if (this.#ports.barrier.sealed) throw new CofferError('sealed', 'Vault is sealed');
    } catch (error) {
      await this.#close();
      throw error;
    }
    this.#open = true;
  }

  async #close(): Promise<void> {
    const wasOpen = this.#open;
    this.#open = false;
    this.#isReplaced = false;
    if (wasOpen) await this.#ports.beforeSealing?.();
    this.rekey.cancel();
    this.recoveryRekey?.cancel();
    this.generateRoot.cancel();
    this.#ports.barrier.seal();
    this.#ports.cache.clear();
    await this.#ports.hooks.sealed();
  }

  async #config(): Promise<HeldConfig> {
    const config = await readConfig(this.#ports.storage);
    if (config === undefined) throw new CofferError('not_initialized', 'Vault is not initialized');
    const { type } = this.#ports.seal;
    if (config.type !== type) {
      const message = `the store is sealed with seal type ${config.type}, the server is configured for ${type}`;
      throw refusal(message);
    }
    return config;
  }

  async #storeId(): Promise<Uint8Array> {
    const storeId = await readStoreId(this.#ports.storage);
    if (storeId === undefined) throw new CofferError('data_corrupt', 'The record that names the store is missing.');
    return storeId;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(task);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

interface Rewrapping {
  readonly root: Uint8Array;
  readonly auto: AutoSeal;
  readonly storeId: Uint8Array;
  readonly wrapped: Stored;
}

const refusal = (message: string): CofferError => new CofferError('invalid_request', message);
