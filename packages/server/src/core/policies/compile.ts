/** From policies to the one who decides: the access list of a token. */
import { Acl, type AclInput } from './acl.ts';
import { rootPolicy } from './builtin.ts';
import type { Policy } from './policy.ts';

/** The clock says when a rule with `expiration` ends; the lookup stands in for `{{…}}`, and knows nothing by default. */
export type CompileOptions = Omit<AclInput, 'policies'>;

export const compileAcl = (policies: readonly Policy[], options: CompileOptions): Acl =>
  new Acl({ policies, ...options });

/** Allows everything. Only for tokens whose policy is the literal `root`. */
export const rootAcl: Acl = new Acl({ policies: [rootPolicy], clock: { now: () => 0 } });
