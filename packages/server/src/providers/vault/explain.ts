/**
 * Bad answers in words of who set up the store. The code follows from the status and from whether a Vault API answered at
 * all: a proxy's 404 is no 404 of the store. Messages hold the server's own words, short, never a value that was sent.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';

const wordsLimit = 300;

type Explanation = readonly [code: ErrorCode, advice: string];

const byStatus: ReadonlyMap<number, Explanation> = new Map<number, Explanation>([
  [403, ['permission_denied', 'give the policies of the store\'s token "read" on this path']],
  [404, ['no_mount', 'correct path, version and namespace in spec.provider.vault, or make the mount']],
  [429, ['quota_exceeded', 'raise the quota of the server, or make refreshInterval longer']],
  [472, ['not_active', 'a disaster recovery standby answers nothing: name the active cluster as server']],
  [473, ['not_active', 'a standby answered: name the active node as server, or set forwardInconsistent']],
  [501, ['not_initialized', 'initialise the server: coffer operator init']],
  [503, ['sealed', 'unseal the server: coffer operator unseal']],
]);

const busy: Explanation = ['unreachable', 'look into the log of the server'];
const between: Explanation = [
  'unreachable',
  'this is not the answer of a Vault API: see whether spec.provider.vault.server names the server itself, and what stands in between',
];
const unreadable =
  'the answer was cut off or changed on its way, or a name in it is one that is not taken (used twice, or __proto__)';
const redirected: Explanation = [
  'unreachable',
  'it points elsewhere: write the address that it points to as spec.provider.vault.server',
];

/** An envelope, or a list of errors: what every answer of the API has, and nobody else's. */
export const isFromApi = ({ answer: { body } }: ServerError): boolean =>
  Array.isArray(body.get('errors')) || body.has('data');

/** The store itself says no: a wall in front of it has other words. */
export const isForbidden = (error: unknown): error is ServerError =>
  error instanceof ServerError && error.status === 403 && isFromApi(error);

const inSentence = (advice: string): string => advice.slice(0, 1).toLowerCase() + advice.slice(1);

const explanationOf = (error: ServerError): Explanation => {
  if (error.status >= 300 && error.status < 400) return redirected;
  if (!isFromApi(error)) return between;
  const known = byStatus.get(error.status);
  if (known !== undefined) return known;
  return error.status >= 500 ? busy : [error.code, inSentence(error.facts.advice)];
};

/** Short, on one line, and without any of these secrets, whatever the server sends back. */
const wordsOf = (errors: readonly string[], secrets: readonly Secret[]): string => {
  const words = errors
    .join('; ')
    .replaceAll(/[\s\p{Cc}]{1,1000}/gu, ' ')
    .trim();
  const isTelling = secrets.some(secret => secret.length > 0 && words.includes(secret.revealText()));
  return words === '' || isTelling ? '' : `: ${words.slice(0, wordsLimit)}`;
};

/** What was done: `read secret/data/app`; secrets that were sent and must not come back in words. */
export interface Attempt {
  readonly doing: string;
  readonly secrets: readonly Secret[];
  /** What to do about a 403, where it is no path that is read. */
  readonly ifForbidden?: string | undefined;
}

const refused = (error: ServerError, { doing, secrets, ifForbidden }: Attempt): CofferError => {
  const [code, usualAdvice] = explanationOf(error);
  const advice = isForbidden(error) ? (ifForbidden ?? usualAdvice) : usualAdvice;
  const message = `cannot ${doing}: the server answered ${error.status}${wordsOf(error.errors, secrets)}; ${advice}`;
  const { retryAfterSeconds } = error;
  return new CofferError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
};

/** A 503 has several reasons, which only the status of the seal tells apart. */
const unavailable = async (client: Coffer, failure: CofferError): Promise<CofferError> => {
  try {
    const { body } = await client.request({ method: 'GET', path: 'sys/seal-status', token: null });
    if (body.get('initialized') === false)
      return new CofferError('not_initialized', `${failure.publicMessage}; before that initialise it`);
    if (body.get('sealed') !== false) return failure;
    return new CofferError('not_active', `${failure.publicMessage}; it is open by now, or is a standby`);
  } catch {
    return failure;
  }
};

/** What no answer came for, in the client's words. */
const unanswered = (error: CofferError, doing: string): CofferError =>
  error.code === 'malformed_body'
    ? new CofferError('unreachable', `cannot ${doing}: ${error.publicMessage}; ${unreadable}`)
    : new CofferError(error.code, `cannot ${doing}: ${error.publicMessage}; ${inSentence(error.facts.advice)}`);

/** What is no failure of the store stays what it is. */
export const explained = async (client: Coffer, error: unknown, attempt: Attempt): Promise<unknown> => {
  if (!(error instanceof CofferError)) return error;
  if (!(error instanceof ServerError)) return unanswered(error, attempt.doing);
  const failure = refused(error, attempt);
  return failure.code === 'sealed' ? unavailable(client, failure) : failure;
};
