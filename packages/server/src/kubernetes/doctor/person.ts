/**
 * Whoever asks, with a token of the store of his own. It may know what the store tells nobody else: which bound refused a
 * login, and what policies say. It only reads.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { textIn } from '@coffer/client/members.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { allowed } from './allowed.ts';

export interface Bound {
  /** `bound_service_account_names` … */
  readonly bound: string;
  /** What is bound and what was seen. */
  readonly because: string;
}

export interface LoginTry {
  readonly mountPath: string;
  readonly role: string;
  readonly jwt: Secret;
}

/** Undefined: this person may not know, or the store does not tell. */
export const boundOf = async (client: Coffer, { mountPath, role, jwt }: LoginTry): Promise<Bound | undefined> => {
  const path = `auth/${mountPath}/role/${role}/explain`;
  const answer = await allowed(client.request({ method: 'POST', path, body: { jwt } }));
  const data = answer?.data;
  if (data === undefined || data.get('allowed') !== false) return undefined;
  return { bound: textIn(data, 'bound'), because: textIn(data, 'because') };
};

/** Undefined: this person may not read it, or it is not there. */
export const policyText = async (client: Coffer, name: string): Promise<string | undefined> => {
  const answer = await allowed(client.request({ method: 'GET', path: `sys/policies/acl/${name}` }));
  return answer?.data === undefined ? undefined : textIn(answer.data, 'policy');
};
