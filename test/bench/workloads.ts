/** What is measured: a row for each kind of request. */
import type { RequestPlan } from './load/plan.ts';

/** Mounts, policy and keys that `target/prepare.ts` makes on every server. */
export const mountV2 = 'bench-kv2';
export const mountV1 = 'bench-kv1';
export const policyName = 'bench';
export const keyCount = 10_000;

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly plan: RequestPlan;
  readonly stock?: Stock;
}

/** What has to be made before requests can name it. */
export interface Stock {
  /** Makes one piece. */
  readonly plan: RequestPlan;
  /** Stands before it in the answer. */
  readonly find: string;
  readonly count: number;
  /** Each piece is good for one request: then a measurement ends with the stock, and each has one of its own. */
  readonly isUsedUp: boolean;
}

export const connections = 32;
/** Of the length that the run of the bench wants. */
const value = '{v}';
export const bodyV2 = JSON.stringify({ data: { value } });
export const bodyV1 = JSON.stringify({ value });

export const plan = (method: string, path: string, more: Partial<RequestPlan> = {}): RequestPlan => ({
  method,
  path: `/v1/${path}`,
  body: undefined,
  keys: 1,
  order: 'random',
  status: 200,
  ...more,
});

const many = { keys: keyCount };

/** Reads first: what the disk still has to do for writes would count for the reads behind them. */
export const workloads: readonly Workload[] = [
  { name: 'health', title: '`sys/health`', connections, plan: plan('GET', 'sys/health') },
  { name: 'kv2-read-one', title: 'KV v2 read, one key', connections, plan: plan('GET', `${mountV2}/data/key-0`) },
  {
    name: 'kv2-read',
    title: 'KV v2 read, 10,000 keys',
    connections,
    plan: plan('GET', `${mountV2}/data/key-{n}`, many),
  },
  {
    name: 'kv1-read',
    title: 'KV v1 read, 10,000 keys',
    connections,
    plan: plan('GET', `${mountV1}/key-{n}`, many),
  },
  { name: 'lookup', title: 'token lookup-self', connections, plan: plan('GET', 'auth/token/lookup-self') },
  {
    name: 'kv2-write',
    title: 'KV v2 write (durable), 10,000 keys',
    connections,
    plan: plan('POST', `${mountV2}/data/key-{n}`, { ...many, body: bodyV2 }),
  },
  {
    name: 'create',
    title: 'token create (durable)',
    connections,
    plan: plan('POST', 'auth/token/create', { body: JSON.stringify({ ttl: '1h', policies: [policyName] }) }),
  },
];

const tokenPlan = plan('POST', 'auth/token/create', { body: JSON.stringify({ ttl: '1h', policies: [policyName] }) });
const wrapPlan = plan('POST', 'sys/wrapping/wrap', { body: bodyV1, headers: { 'X-Vault-Wrap-TTL': '600' } });
const tokenFind = '"client_token":"';
const wrapFind = '"wrap_info":{"token":"';

/** Requests about what was made before them. */
export const stockWorkloads: readonly Workload[] = [
  {
    name: 'token-renew',
    title: 'token renew (durable), 5,000 tokens in turn',
    connections,
    plan: plan('POST', 'auth/token/renew', { body: '{"token":"{s}","increment":"1h"}' }),
    stock: { plan: tokenPlan, find: tokenFind, count: 5000, isUsedUp: false },
  },
  {
    name: 'token-revoke',
    title: 'token revoke (durable), each once',
    connections,
    plan: plan('POST', 'auth/token/revoke', { body: '{"token":"{s}"}', status: 204 }),
    stock: { plan: tokenPlan, find: tokenFind, count: 3000, isUsedUp: true },
  },
  { name: 'wrap', title: 'wrap a value (durable)', connections, plan: wrapPlan },
  {
    name: 'unwrap',
    title: 'unwrap a value (durable), each once',
    connections,
    plan: plan('POST', 'sys/wrapping/unwrap', { body: '{"token":"{s}"}' }),
    stock: { plan: wrapPlan, find: wrapFind, count: 3000, isUsedUp: true },
  },
];

/** Fills a mount: key after key. */
export const fillPlan = (path: string, body: string, keys: number): RequestPlan => ({
  method: 'POST',
  path: `/v1/${path}`,
  body,
  keys,
  order: 'sequence',
  status: path.includes('/data/') ? 200 : 204,
});

export const bulkMount = 'bench-bulk';
/** Of the engine that gives leases; only its own part of the bench has it. */
export const leaseMount = 'bench-leases';

export const keysMount = 'bench-keys';

export const listWorkload = (keys: number): Workload => ({
  name: 'list',
  title: `list of ${keys.toLocaleString('en')} keys, one connection`,
  connections: 1,
  plan: plan('LIST', `${bulkMount}/metadata/`),
});
