/**
 * The provider `vault`: secrets of Coffer, and of any server with Vault's API. One login for all reads, one request for all
 * who ask the same at once. Messages name paths and settings, never values.
 */
import type { Coffer } from '@coffer/client/client.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Follow, Follower, Provider, RemoteRef } from '../../contracts/provider.ts';
import { propertyOf } from '../property.ts';
import { bytesOf } from '../value.ts';
import { Calls, clientOf } from './calls.ts';
import { locate, normalKey } from './paths.ts';
import { Secrets } from './secrets.ts';
import { Following, type StreamParts } from './follow.ts';
import { Login } from './login.ts';
import { GivenToken, type StoreSession } from './session.ts';
import type { VaultSettings } from './settings.ts';

export interface Surroundings {
  /** `systemRuntime(nodeTransport(tlsOptions(tls)))`. */
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
}

const missing = ({ key, property = '' }: RemoteRef): CofferError =>
  new CofferError(
    'invalid_request',
    `cannot find secret data for key: "${property}"; the secret ${key} is there and has no such member: correct remoteRef.property`,
  );

const noObject = ({ key, property = '' }: RemoteRef): CofferError =>
  new CofferError(
    'invalid_request',
    `the property "${property}" of ${key} is not a JSON object: only an object has members to extract`,
  );

const named = (data: JsonObject, ref: RemoteRef): Json => {
  if (ref.property === undefined || ref.property === '') return data;
  const value = propertyOf(data, ref.property);
  if (value === undefined) throw missing(ref);
  return value;
};

/** A text may hold the object that is asked for. */
const opened = (value: Json, ref: RemoteRef): Json => {
  if (typeof value !== 'string') return value;
  try {
    return scanJson(new TextEncoder().encode(value)).value();
  } catch {
    throw noObject(ref);
  }
};

export class VaultProvider implements Provider, Follower {
  readonly #session: StoreSession;
  readonly #secrets: Secrets;
  readonly #stream: StreamParts;

  /** Throws `usage` for settings that cannot work; nothing is sent yet. */
  constructor(settings: VaultSettings, { runtime, clock, log }: Surroundings) {
    const { namespace, auth } = settings;
    const authClient = clientOf(settings, runtime, { namespace: auth.namespace ?? namespace });
    const session = auth.method === 'token' ? new GivenToken(authClient, auth) : new Login(authClient, auth, clock);
    const open = (token: Secret): Coffer => clientOf(settings, runtime, { namespace, token });
    this.#session = session;
    this.#secrets = new Secrets(new Calls(clientOf(settings, runtime, { namespace }), session, settings), settings);
    this.#stream = { settings, session, runtime, log, open };
  }

  async read(ref: RemoteRef): Promise<Secret | undefined> {
    const data = await this.#secrets.get(ref);
    return data === undefined ? undefined : bytesOf(named(data, ref));
  }

  async readAll(ref: RemoteRef): Promise<ReadonlyMap<string, Secret> | undefined> {
    const data = await this.#secrets.get(ref);
    if (data === undefined) return undefined;
    const members = opened(named(data, ref), ref);
    if (!(members instanceof Map)) throw noObject(ref);
    return new Map([...(members as JsonObject)].map(([name, value]) => [name, bytesOf(value)]));
  }

  check(): Promise<void> {
    return this.#session.check();
  }

  /** False where the server has no change stream, or the token may not follow it: the log says so. */
  follow(how: Follow): Promise<boolean> {
    return new Following(this.#stream, how).run();
  }

  /** `MOUNT/KEY`; empty for a reference that nothing can be read with. */
  changeKey({ key }: RemoteRef): string {
    try {
      return normalKey(locate(this.#stream.settings, key));
    } catch {
      return '';
    }
  }

  /** The store is not used any more: a token of our own login is taken back, a given one never. */
  close(): Promise<void> {
    return this.#session.close();
  }
}
