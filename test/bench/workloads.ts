/** What is measured: a row for each kind of request. */
import type { RequestPlan } from './load/plan.ts';

/** Mounts, policy and keys that `target/prepare.ts` makes on every server. */
export const mountV2 = 'bench-kv2';
export const mountV1 = 'bench-kv1';
export const policyName = 'bench';
export const keyCount = 10_000;
export const valueBytes = 1024;

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly plan: RequestPlan;
}

const connections = 32;
const value = 'v'.repeat(valueBytes);
export const bodyV2 = JSON.stringify({ data: { value } });
export const bodyV1 = JSON.stringify({ value });

const plan = (method: string, path: string, more: Partial<RequestPlan> = {}): RequestPlan => ({
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
    title: 'KV v2 read, random of 10,000',
    connections,
    plan: plan('GET', `${mountV2}/data/key-{n}`, many),
  },
  {
    name: 'kv1-read',
    title: 'KV v1 read, random of 10,000',
    connections,
    plan: plan('GET', `${mountV1}/key-{n}`, many),
  },
  { name: 'lookup', title: 'token lookup-self', connections, plan: plan('GET', 'auth/token/lookup-self') },
  {
    name: 'kv2-write',
    title: 'KV v2 write (durable), random of 10,000',
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

export const listWorkload = (keys: number): Workload => ({
  name: 'list',
  title: `list of ${keys.toLocaleString('en')} keys, one connection`,
  connections: 1,
  plan: plan('LIST', `${bulkMount}/metadata/`),
});
