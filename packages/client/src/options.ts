/** What a client is made of, and the defaults. */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { checkAddress, cleanPath } from './path.ts';
import { retryLimit } from './retry.ts';
import type { Runtime } from './runtime.ts';

export interface ClientOptions {
  /** For example `https://coffer.example:8200`. */
  readonly address: string;
  readonly token?: Secret | string | undefined;
  /** For example `team-a/` */
  readonly namespace?: string | undefined;
  /** More headers of every request; `X-Vault-*` are the client's own. */
  readonly headers?: ReadonlyMap<string, string> | undefined;
  /** Default 2. */
  readonly retries?: number | undefined;
  /** Of a whole call, repeats included. Default 60. */
  readonly timeoutSeconds?: number | undefined;
  /** Follow one redirect to the active node. Default true. */
  readonly followRedirect?: boolean | undefined;
  /** Default: the platform's `fetch`, timers and randomness. */
  readonly runtime?: Runtime | undefined;
}

export interface Settings {
  readonly address: string;
  readonly token: Secret | undefined;
  readonly namespace: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly followRedirect: boolean;
}

const defaultRetries = 2;
const defaultTimeoutSeconds = 60;
const timeoutLimitSeconds = 86_400;
const headerName = /^[A-Za-z0-9!#$%&'*+.^_|~-]{1,128}$/;

const isHeaderValue = (value: string): boolean => {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
};

export const checkHeaderValue = (what: string, value: string): string => {
  if (!isHeaderValue(value)) throw new CofferError('usage', `${what}: only printable ASCII characters are allowed`);
  return value;
};

const checkHeaders = (given: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const checked = new Map<string, string>();
  for (const [name, value] of given) {
    if (!headerName.test(name)) throw new CofferError('usage', 'header: the name is not a valid header name');
    if (name.toLowerCase().startsWith('x-vault-')) {
      throw new CofferError('usage', `header ${name}: names that start with X-Vault- are reserved`);
    }
    checked.set(name.toLowerCase(), checkHeaderValue(`header ${name}`, value));
  }
  return checked;
};

const between = (what: string, value: number, limit: number): number => {
  if (!Number.isFinite(value) || value < 0 || value > limit) {
    throw new CofferError('usage', `${what}: expected a number from 0 to ${limit}`);
  }
  return value;
};

/** A token as it was pasted: spaces and line ends around it are not part of it. Empty is none. */
export const checkToken = (given: Secret | string | undefined): Secret | undefined => {
  const text = (given instanceof Secret ? given.revealText() : (given ?? '')).trim();
  if (text === '') return undefined;
  return Secret.of(checkHeaderValue('token', text));
};

export const settingsOf = (options: ClientOptions): Settings => ({
  address: checkAddress(options.address),
  token: checkToken(options.token),
  namespace: checkHeaderValue('namespace', cleanPath(options.namespace ?? '')),
  headers: checkHeaders(options.headers ?? new Map()),
  retries: Math.trunc(between('retries', options.retries ?? defaultRetries, retryLimit)),
  timeoutMs: between('timeout', options.timeoutSeconds ?? defaultTimeoutSeconds, timeoutLimitSeconds) * 1000,
  followRedirect: options.followRedirect ?? true,
});
