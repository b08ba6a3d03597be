/** Which pages of other origins may call the store from a browser, and what they may send (Fetch, "CORS protocol"). */
import { CofferError } from '@coffer/schema/errors.ts';

export interface CorsSettings {
  /** As browsers write them; or `*` alone. */
  readonly origins: readonly string[];
  /** Beside those that are always allowed. */
  readonly headers: readonly string[];
  readonly credentials: boolean;
}

export const anyOrigin = '*';
const originsLimit = 100;
const headersLimit = 100;
const characters = 255;

/** RFC 6454 §6.2, also of schemes that pages of programs have. */
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/;
const headerPattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** What clients of the API send. */
export const standardHeaders: readonly string[] = Object.freeze([
  'Content-Type',
  'X-Requested-With',
  'X-Vault-AWS-IAM-Server-ID',
  'X-Vault-MFA',
  'X-Vault-No-Request-Forwarding',
  'X-Vault-Wrap-Format',
  'X-Vault-Wrap-TTL',
  'X-Vault-Policy-Override',
  'Authorization',
  'X-Vault-Token',
]);

const refused = (message: string): CofferError => new CofferError('invalid_request', message);

const isOrigin = (text: string): boolean => text.length <= characters && originPattern.test(text);

/** Throws `invalid_request` for what could not be kept to. */
export const checkCors = ({ origins, headers, credentials }: CorsSettings): void => {
  if (origins.length === 0) throw refused('at least one origin or the wildcard must be provided');
  const isAny = origins.includes(anyOrigin);
  if (isAny && origins.length > 1)
    throw refused(`to allow all origins the '${anyOrigin}' must be the only value for allowed_origins`);
  if (isAny && credentials) throw refused('allow_credentials needs allowed_origins that name the origins');
  if (origins.length > originsLimit) throw refused(`allowed_origins: at most ${originsLimit} origins`);
  if (headers.length > headersLimit) throw refused(`allowed_headers: at most ${headersLimit} headers`);
  if (!isAny && !origins.every(isOrigin))
    throw refused('allowed_origins: expected scheme://host or scheme://host:port, with nothing behind it');
  if (!headers.every(name => name.length <= characters && headerPattern.test(name)))
    throw refused('allowed_headers: expected names of headers');
};

/** The standard ones first; each once, whatever its case. */
export const allowedHeaders = ({ headers }: CorsSettings): readonly string[] => {
  const seen = new Set<string>();
  return [...standardHeaders, ...headers].filter(name => {
    const lower = name.toLowerCase();
    return !seen.has(lower) && seen.add(lower);
  });
};
