/** Stores that trust a real cluster, for tests of the Kubernetes auth method. */
import assert from 'node:assert/strict';
import { type Bed, openBed, type Told } from '../core/bed.ts';
import type { Cluster } from './cluster/cluster.ts';

export interface Setting {
  readonly config?: object;
  readonly role?: object;
}

export const must = async (asked: Promise<Told>): Promise<Told> => {
  const told = await asked;
  assert.ok(told.status < 300, `${told.status} ${told.text}`);
  return told;
};

export const trusting = ({ server, ca }: Cluster, token_reviewer_jwt = ''): object => ({
  kubernetes_host: server,
  kubernetes_ca_cert: ca,
  token_reviewer_jwt,
});

const forWeb = {
  bound_service_account_names: 'web',
  bound_service_account_namespaces: 'shop',
  token_policies: 'shop-read',
  token_ttl: '1h',
};

export const enable = async (bed: Bed, mount: string, { config = {}, role = {} }: Setting): Promise<void> => {
  await must(bed.root('POST', `sys/auth/${mount}`, { type: 'kubernetes' }));
  await must(bed.root('POST', `auth/${mount}/config`, config));
  await must(bed.root('POST', `auth/${mount}/role/app`, { ...forWeb, ...role }));
};

/** A store on the time of now, whose mount `kubernetes` has a role `app` for `shop/web`. */
export const openStore = async (setting: Setting): Promise<Bed> => {
  const bed = await openBed();
  bed.clock.nowMs = Date.now();
  await enable(bed, 'kubernetes', setting);
  return bed;
};

export const login = (bed: Bed, jwt: string, mount = 'kubernetes'): Promise<Told> =>
  bed.ask('POST', `auth/${mount}/login`, { body: { role: 'app', jwt } });

export const explain = async (bed: Bed, jwt: string): Promise<Told['json']> =>
  (await must(bed.root('POST', 'auth/kubernetes/role/app/explain', { jwt }))).json.data;

/** What audit was told of the last refusal. */
export const becauseOf = (bed: Bed): string =>
  (JSON.parse(bed.audited.at(-1) ?? '{}') as { readonly error_because?: string }).error_because ?? '';

/** Refused in these words, for this reason. */
export const refused = async (bed: Bed, jwt: string, [words, because]: readonly [string, RegExp]): Promise<void> => {
  const told = await login(bed, jwt);
  assert.deepEqual([told.status, told.json], [403, { errors: [words] }]);
  assert.match(becauseOf(bed), because);
  if (jwt.length > 20) assert.equal([...bed.audited, ...bed.logged].join('').includes(jwt.slice(-20)), false);
};
