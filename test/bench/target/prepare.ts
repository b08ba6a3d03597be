/**
 * Makes on a server what the load needs: mounts, keys, a policy, and a service token with `default` and that policy, as
 * people use; root tokens skip work in many stores.
 */
import type { Generator } from '../load/generator.ts';
import {
  bodyV1,
  bodyV2,
  bulkMount,
  fillPlan,
  keyCount,
  leaseMount,
  mountV1,
  mountV2,
  policyName,
} from '../workloads.ts';
import { type Api, must } from './api.ts';

const fillConnections = 64;

const policy = `
path "${mountV2}/*" { capabilities = ["create", "read", "update", "list"] }
path "${mountV1}/*" { capabilities = ["create", "read", "update", "list"] }
path "${bulkMount}/*" { capabilities = ["create", "read", "update", "list"] }
path "auth/token/create" { capabilities = ["update"] }
path "auth/token/renew" { capabilities = ["update"] }
path "auth/token/revoke" { capabilities = ["update"] }
path "${leaseMount}/*" { capabilities = ["read"] }
path "sys/leases/revoke" { capabilities = ["update"] }
`;

interface Made {
  readonly auth: { readonly client_token: string };
}

export const prepareToken = async (root: Api): Promise<Api> => {
  await must(root, `PUT /v1/sys/policies/acl/${policyName}`, { policy });
  const made = (await must(root, 'POST /v1/auth/token/create', { policies: [policyName], ttl: '24h' })) as Made;
  return { ...root, token: made.auth.client_token };
};

export const mountKv = (root: Api, mount: string, version: '1' | '2'): Promise<unknown> =>
  must(root, `POST /v1/sys/mounts/${mount}`, { type: 'kv', options: { version } });

/** Both mounts with their keys. */
export const prepareKeys = async (root: Api, user: Api, generator: Generator): Promise<void> => {
  await mountKv(root, mountV2, '2');
  await mountKv(root, mountV1, '1');
  // A fresh v2 mount of some stores refuses writes for a moment.
  await retried(() => must(user, `POST /v1/${mountV2}/data/key-0`, JSON.parse(bodyV2)));
  const fill = (path: string, body: string): Promise<unknown> =>
    generator.run({ ...user, connections: fillConnections, plan: fillPlan(path, body, keyCount), count: keyCount });
  await fill(`${mountV2}/data/key-{n}`, bodyV2);
  await fill(`${mountV1}/key-{n}`, bodyV1);
};

/** For servers that go on living: with its parent every token goes that the load made. */
export const cleanUp = async (root: Api, user: Api): Promise<void> => {
  await must(user, 'POST /v1/auth/token/revoke-self');
  for (const mount of [mountV1, mountV2]) await must(root, `DELETE /v1/sys/mounts/${mount}`);
  await must(root, `DELETE /v1/sys/policies/acl/${policyName}`);
};

const tries = 20;
const pauseMs = 250;

const retried = async (task: () => Promise<unknown>): Promise<void> => {
  for (let left = tries; ; left--) {
    try {
      await task();
      return;
    } catch (cause) {
      if (left === 0) throw cause;
    }
    await new Promise(done => setTimeout(done, pauseMs));
  }
};
