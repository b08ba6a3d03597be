/** A login among leases: its token, by the name `<path of the login>/h<accessor>`. */
import type { Core } from '../request/core.ts';
import { loginLeaseId } from '../tokens/store.ts';
import type { Token } from '../tokens/token.ts';

const id = /^auth\/.+\/h([0-9A-Za-z]{24})$/;

/** Undefined where the id is that of no login that lives. */
export const findLogin = async ({ tokens }: Core, leaseId: string): Promise<Token | undefined> => {
  const accessor = id.exec(leaseId)?.[1];
  const token = accessor === undefined ? undefined : await tokens.findByAccessor(accessor);
  return token?.mountId !== undefined && loginLeaseId(token) === leaseId ? token : undefined;
};
