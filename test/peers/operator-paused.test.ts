/** The leader is paused past its lease, with an answer of the store in its hands; another one has written since. */
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from './cluster/processes.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

let bed: Bed;
const replicas: OperatorProcess[] = [];

/** A store that is faked: it answers what is wished for, and keeps who reads waiting where that is wished for. */
const store = { value: 'canary-one', isHolding: false, held: [] as ServerResponse[] };
const answer = (response: ServerResponse, data: object): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ data }));
};
const secretOf = (value: string) => ({ data: { password: value }, metadata: { version: 1 } });
const server: Server = createServer(({ url = '' }, response) => {
  if (url.includes('/auth/token/lookup-self')) return answer(response, { ttl: 0 });
  if (!url.includes('/secret/data/')) {
    response.statusCode = 404;
    return response.end('{"errors":[]}');
  }
  if (store.isHolding) return store.held.push(response);
  return answer(response, secretOf(store.value));
});

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
});
after(async () => {
  for (const one of replicas) await one.stop();
  server.closeAllConnections();
  server.close();
  await bed?.stop();
});

const isActing = ({ said }: OperatorProcess): boolean => said().includes('operator started!');
const sync = (name: string): Promise<unknown> =>
  bed.patch('ExternalSecret', 'db', { metadata: { annotations: { 'external-secrets.io/force-sync': name } } });

test('what the paused one still had in mind is not written over what the other one wrote', need, async () => {
  const vault = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: 'secret',
    auth: { tokenSecretRef: { name: 'token', key: 'token' } },
  };
  await bed.make('Secret', 'token', { stringData: { token: 'canary-token' } });
  await bed.make('SecretStore', 'coffer', { spec: { provider: { vault } } });
  await bed.wants('db', 'team/db');
  const first = await startOperator(bed.cluster, '-enable-leader-election=true');
  replicas.push(first);
  await bed.untilValues('db', { password: 'canary-one' });
  store.isHolding = true;
  await sync('1');
  await until('the leader reading', async () => (store.held.length > 0 ? true : undefined));
  process.kill(first.pid, 'SIGSTOP');
  try {
    store.isHolding = false;
    store.value = 'canary-two';
    const second = await startOperator(bed.cluster, '-enable-leader-election=true');
    replicas.push(second);
    await until('the second acting', async () => (isActing(second) ? true : undefined));
    await bed.untilValues('db', { password: 'canary-two' });
    for (const response of store.held) answer(response, secretOf('canary-late'));
  } finally {
    process.kill(first.pid, 'SIGCONT');
  }
  await until('the first one knowing', async () => (first.said().includes('no longer leads') ? true : undefined));
  await wait(1000);
  assert.deepEqual(await bed.values('db'), { password: 'canary-two' });
  assert.match(first.said(), /this process no longer leads: another one does it/);
});
