/**
 * Login for workloads of a Kubernetes cluster, by the token of their ServiceAccount. Records of a mount: `config`, and
 * `role/<name>`. One mount trusts one cluster; several clusters are several mounts.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Engine, LoginHandlers } from '../../../contracts/engine.ts';
import { type KubernetesCx, kubernetesNeeds } from './cx.ts';
import { findRole } from './role.ts';
import { configRows } from './rows-config.ts';
import { loginRows } from './rows-login.ts';
import { roleRows } from './rows-role.ts';

/** By the role as it is now: a token whose role is gone is renewed no more. */
const logins: LoginHandlers<KubernetesCx> = {
  renew: async ({ storage }, renewal) => {
    const kept = await findRole(storage, renewal.get('role') ?? '');
    if (kept === undefined)
      throw new CofferError('invalid_request', 'the role that the token was made through is gone: log in again');
    return kept.record.rules;
  },
};

export const kubernetesAuth: Engine = {
  kind: 'auth',
  type: 'kubernetes',
  summary: 'Login for workloads of a Kubernetes cluster',
  needs: kubernetesNeeds,
  rows: [...configRows, ...roleRows, ...loginRows],
  logins,
};
