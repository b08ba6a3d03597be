/**
 * Signatures, checked here: by the keys of the configuration, or by those that the cluster publishes. Published keys are
 * kept for a while, and fetched anew where they get old, or a token names one that is not among them, now and then at most.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { JwtKeys, JwtSignature, JwtText } from '../../../contracts/jwt.ts';
import { inTurn } from '../../keyed/turns.ts';
import { type Cluster, publishedKeys } from './api-server.ts';

export interface CheckedSignature {
  readonly verdict: JwtSignature;
  readonly because: string;
}

/** A key that the cluster has withdrawn is good for no longer than this. */
const keysMaxAgeMs = 600_000;
/** Older keys are fetched anew by the token of a caller whom they have proved, so that no stranger can keep them from it. */
const keysRenewAgeMs = 300_000;
/** Keys that were just fetched are not fetched again for a name that nobody knows. */
const fetchEveryMs = 10_000;
/** Logins that wait for keys at once. */
const waitingLimit = 64;

interface Held {
  readonly of: string;
  readonly keys: JwtKeys;
  readonly fetchedAtMs: number;
}

/** What a mount knows of the cluster's keys. */
interface Known {
  held: Held | undefined;
  waiting: number;
  /** When fetching them anew was last begun. */
  renewedAtMs: number;
  /** Attempts that failed, and how the last one did. */
  failures: number;
  trouble: unknown;
}

/** By the mount's records: with them it goes. */
const knownByMount = new WeakMap<object, Known>();

const knownOf = ({ cx: { storage } }: Cluster): Known => {
  const there = knownByMount.get(storage);
  if (there !== undefined) return there;
  const made: Known = { held: undefined, waiting: 0, renewedAtMs: -Infinity, failures: 0, trouble: undefined };
  knownByMount.set(storage, made);
  return made;
};

const said: { readonly [V in JwtSignature]: string } = {
  valid: 'a key of the cluster has signed it',
  invalid: 'no key of the cluster has signed it',
  'unknown key': 'its key is none of the cluster’s',
  'algorithm not allowed': 'its algorithm is not allowed',
};

const result = (verdict: JwtSignature, because = said[verdict]): CheckedSignature => ({ verdict, because });

export const signedByConfigured = async (cluster: Cluster, jwt: string): Promise<CheckedSignature> =>
  result(await cluster.cx.jwt.pemKeys(cluster.config.pemKeys).verify(jwt));

export const signedByPublished = async (cluster: Cluster, jwt: string, text: JwtText): Promise<CheckedSignature> => {
  const held = current(cluster);
  const keys = held !== undefined && knows(held, text) ? held.keys : await fetched(cluster, text);
  if (keys === undefined)
    return result('unknown key', 'the cluster shows its keys neither to this caller nor to everybody');
  const verdict = await keys.verify(jwt);
  if (verdict === 'valid') renewKeys(cluster);
  return result(verdict);
};

/** Nobody waits for it: where it fails, keys are as good as they were. */
const renewKeys = (cluster: Cluster): void => {
  const known = knownOf(cluster);
  const now = cluster.cx.clock.monotonic();
  if (now - (known.held?.fetchedAtMs ?? now) < keysRenewAgeMs || now - known.renewedAtMs < fetchEveryMs) return;
  known.renewedAtMs = now;
  void fetchAnew(cluster).catch(() => undefined);
};

const sourceOf = ({ config, caPem = '' }: Cluster): string => `${config.host}\n${caPem}`;

const current = (cluster: Cluster): Held | undefined => {
  const { clock } = cluster.cx;
  const { held } = knownOf(cluster);
  const isCurrent = held?.of === sourceOf(cluster) && clock.monotonic() - held.fetchedAtMs < keysMaxAgeMs;
  return isCurrent ? held : undefined;
};

const knows = ({ keys }: Held, { keyId }: JwtText): boolean => keys.keyIds.has(keyId);

/** One after the other: a token that opens nothing must not keep others from fetching with theirs. */
const fetched = async (cluster: Cluster, text: JwtText): Promise<JwtKeys | undefined> => {
  const known = knownOf(cluster);
  if (known.waiting >= waitingLimit)
    throw new CofferError('quota_exceeded', 'too many logins wait for the keys of the cluster; try again', {
      retryAfterSeconds: 1,
    });
  known.waiting++;
  const { failures } = known;
  try {
    return await inTurn(known, 'published keys', async () => {
      // Whoever was before has found the API server away: nobody waits for the same again.
      if (known.failures !== failures) throw known.trouble;
      return fetchOnce(cluster, text);
    });
  } finally {
    known.waiting--;
  }
};

const fetchOnce = async (cluster: Cluster, text: JwtText): Promise<JwtKeys | undefined> => {
  const { clock } = cluster.cx;
  const known = knownOf(cluster);
  const held = current(cluster);
  if (held !== undefined && (knows(held, text) || clock.monotonic() - held.fetchedAtMs < fetchEveryMs))
    return held.keys;
  try {
    return (await fetchAnew(cluster)) ?? held?.keys;
  } catch (cause) {
    known.failures++;
    known.trouble = cause;
    throw cause;
  }
};

/** Undefined where the cluster does not show them to this caller. */
const fetchAnew = async (cluster: Cluster): Promise<JwtKeys | undefined> => {
  const { clock, jwt } = cluster.cx;
  const published = await publishedKeys(cluster);
  if (published === undefined) return undefined;
  const keys = keysIn(jwt.jwksKeys, published);
  knownOf(cluster).held = { of: sourceOf(cluster), keys, fetchedAtMs: clock.monotonic() };
  return keys;
};

const keysIn = (read: (jwks: Uint8Array) => JwtKeys, published: Uint8Array): JwtKeys => {
  try {
    return read(published);
  } catch (cause) {
    throw new CofferError('unreachable', 'the Kubernetes API server published keys that cannot be read', { cause });
  }
};
