/** The `user` of a kubeconfig: certificate, token, password or plugin, and whom to act as. */
import { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { ClientCertificate, Credentials, Endpoint, Identity } from '../credentials.ts';
import { bearer } from './bearer.ts';
import { pluginCredentials, pluginIn } from './exec.ts';
import type { Fields } from './fields.ts';
import { RereadFile } from './rereading.ts';

/** One part of an identity: what it is now, and forgetting it where it may be newer elsewhere. */
interface Source<T> {
  now(): Promise<T>;
  /** Whether asking again may give another. */
  forget(): boolean;
}

const fixed = <T>(value: T): Source<T> => ({ now: async () => value, forget: () => false });

const fromFile = (path: string, clock: Clock): Source<Uint8Array> => {
  const file = new RereadFile(path, clock);
  return { now: () => file.content(), forget: () => (file.forget(), true) };
};

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** A token file counts before a token, as with kubectl. */
const authorizationIn = (fields: Fields, clock: Clock): Source<Secret | undefined> => {
  const path = fields.path('tokenFile');
  if (path !== undefined) {
    const file = fromFile(path, clock);
    return { now: async () => bearer(await file.now(), path), forget: file.forget };
  }
  const token = fields.text('token');
  if (token !== undefined) return fixed(bearer(token, fields.placeOf('token')));
  const username = fields.text('username');
  if (username === undefined) return fixed(undefined);
  return fixed(Secret.of(`Basic ${base64(`${username}:${fields.text('password') ?? ''}`)}`));
};

const pemIn = (fields: Fields, name: string, clock: Clock): Source<Uint8Array> | undefined => {
  const data = fields.bytes(`${name}-data`);
  if (data !== undefined) return fixed(data);
  const path = fields.path(name);
  return path === undefined ? undefined : fromFile(path, clock);
};

const certificateIn = (fields: Fields, clock: Clock): Source<ClientCertificate | undefined> => {
  const cert = pemIn(fields, 'client-certificate', clock);
  const key = pemIn(fields, 'client-key', clock);
  if (cert === undefined && key === undefined) return fixed(undefined);
  if (key === undefined) throw fields.fault('client-key', 'it is missing beside client-certificate');
  if (cert === undefined) throw fields.fault('client-certificate', 'it is missing beside client-key');
  return {
    now: async () => ({ cert: await cert.now(), key: Secret.of(await key.now()) }),
    forget: () => [cert.forget(), key.forget()].includes(true),
  };
};

/** Header names may not hold everything a key of `as-user-extra` may. */
const extraHeader = (key: string): string => `Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`;

const impersonationIn = (fields: Fields): Identity['impersonation'] => {
  const user = fields.text('as');
  const uid = fields.text('as-uid');
  const groups = fields.texts('as-groups');
  const extra = fields.groups('as-user-extra');
  if (user === undefined && (uid !== undefined || groups.length > 0 || extra.size > 0))
    throw fields.fault('as', 'it is missing beside as-uid, as-groups or as-user-extra');
  return {
    ...(user === undefined ? {} : { 'Impersonate-User': user }),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries([...extra].map(([key, values]) => [extraHeader(key), values])),
  };
};

/** Who nobody is. */
export const anonymous: Credentials = { current: async () => ({ impersonation: {} }), refused: () => false };

export interface UserOptions {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  /** For plugins. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Throws `usage`. */
export const userCredentials = (fields: Fields, { endpoint, clock, environment }: UserOptions): Credentials => {
  if (fields.has('auth-provider'))
    throw fields.fault('auth-provider', 'it is no longer part of Kubernetes: use the exec plugin of your provider');
  const impersonation = impersonationIn(fields);
  const exec = fields.inner('exec');
  if (exec !== undefined)
    return pluginCredentials({ plugin: pluginIn(exec), endpoint, clock, environment, impersonation });
  const authorization = authorizationIn(fields, clock);
  const certificate = certificateIn(fields, clock);
  return {
    current: async () => ({
      authorization: await authorization.now(),
      certificate: await certificate.now(),
      impersonation,
    }),
    refused: () => [authorization.forget(), certificate.forget()].includes(true),
  };
};
