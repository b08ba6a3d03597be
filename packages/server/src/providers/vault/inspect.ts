/**
 * Looks at a store for somebody who wants to know why it does not give a secret: how it is, whether the login of its
 * settings works, and what the token of that login may do. It reads no secret. Names are told, never values.
 */
import { namesOf } from '@coffer/client/absent.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { textIn, textsIn } from '@coffer/client/members.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../contracts/clock.ts';
import { clientOf } from './calls.ts';
import { explained } from './explain.ts';
import { Login } from './login.ts';
import { dataPath, type Location, locate, metadataPath } from './paths.ts';
import { GivenToken, type StoreSession } from './session.ts';
import type { VaultSettings } from './settings.ts';

export interface StoreStatus {
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Nobody unseals it by hand: its seal does when the server starts. */
  readonly opensByItself: boolean;
  /** Of its API; empty where it does not say. */
  readonly version: string;
}

export interface InspectorParts {
  readonly runtime: Runtime;
  readonly clock: Clock;
}

/** Names that are looked through for near ones. */
const listLimit = 1000;

/** The folder that a name lies in, with its slash; empty at the top. */
const folderOf = ({ mount, key }: Location): Location => ({ mount, key: key.slice(0, key.lastIndexOf('/') + 1) });

export class Inspector {
  readonly #settings: VaultSettings;
  readonly #client: Coffer;
  readonly #session: StoreSession;

  /** Throws `usage` for settings that cannot work; nothing is sent yet. */
  constructor(settings: VaultSettings, { runtime, clock }: InspectorParts) {
    const { namespace, auth } = settings;
    this.#settings = settings;
    this.#client = clientOf(settings, runtime, { namespace });
    const authClient = clientOf(settings, runtime, { namespace: auth.namespace ?? namespace });
    this.#session = auth.method === 'token' ? new GivenToken(authClient, auth) : new Login(authClient, auth, clock);
  }

  /** Rejects with `unreachable` where the store does not answer. */
  async status(): Promise<StoreStatus> {
    try {
      const { body } = await this.#client.request({ method: 'GET', path: 'sys/seal-status', token: null });
      const sealed = body.get('sealed') !== false;
      const initialized = body.get('initialized') !== false;
      const opensByItself = body.get('recovery_seal') === true;
      return { initialized, sealed, opensByItself, version: textIn(body, 'version') };
    } catch (error) {
      throw await explained(this.#client, error, { doing: 'ask the store how it is', secrets: [] });
    }
  }

  /** Resolves where the login works. */
  check(): Promise<void> {
    return this.#session.check();
  }

  /** Names of the policies of the token. */
  async policies(): Promise<readonly string[]> {
    const { data } = await this.#client.request({
      method: 'GET',
      path: 'auth/token/lookup-self',
      token: await this.#session.token(),
    });
    const own = data === undefined ? [] : [...textsIn(data, 'policies'), ...textsIn(data, 'identity_policies')];
    return [...new Set(own)];
  }

  /** Path in the API of what a reference reads. Throws `usage` where it cannot be one. */
  pathOf(key: string): string {
    return dataPath(this.#settings.version, locate(this.#settings, key));
  }

  /** Names beside this one; folders with a slash at their end. Rejects where they may not be listed. */
  async beside(key: string): Promise<readonly string[]> {
    const folder = folderOf(locate(this.#settings, key));
    const path = this.#settings.version === 'v2' ? metadataPath(folder) : dataPath('v1', folder);
    const token: Secret = await this.#session.token();
    const names = namesOf(await this.#client.request({ method: 'LIST', path, token }));
    return names.slice(0, listLimit).map(name => folder.key + name);
  }

  /** The token of a login is taken back. */
  close(): Promise<void> {
    return this.#session.close();
  }
}
