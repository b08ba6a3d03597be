/** Stores that never answer, and a crowd that reads from them: nobody else waits for that. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Bed, type Condition, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

const crowd = 80;
const isTrue = ({ status }: Condition): boolean => status === 'True';
let bed: Bed;
let operator: OperatorProcess;
let reads = 0;

/** A store that is faked: its token is good, and no read is ever answered. */
const hanging = createServer(({ url = '' }, response) => {
  if (!url.includes('lookup-self')) return void (reads += 1);
  return response.setHeader('content-type', 'application/json').end('{"data":{"ttl":0}}');
});
/** One that does not even say whether the token is good. */
const silent = createServer(() => undefined);

const addressOf = (server: typeof hanging): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  for (const server of [hanging, silent]) await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  await bed.put('team/db', { password: 'canary-one' });
  operator = await startOperator(bed.cluster);
});
after(async () => {
  for (const server of [hanging, silent]) {
    server.closeAllConnections();
    server.close();
  }
  await operator?.stop();
  await bed?.stop();
});

const storeAt = (name: string, server: string): Promise<unknown> =>
  bed.make('SecretStore', name, {
    spec: {
      provider: { vault: { server, path: 'secret', auth: { tokenSecretRef: { name: 'token', key: 'token' } } } },
    },
  });

test('while a crowd waits for stores that hang, another store is checked, read, and followed', need, async () => {
  await bed.make('Secret', 'token', { stringData: { token: 'canary-token' } });
  await storeAt('hanging', addressOf(hanging));
  await bed.untilReady('hanging', isTrue, 'SecretStore');
  for (let i = 0; i < crowd; i++) await bed.wants(`crowd-${i}`, `team/${i}`, { store: 'hanging' });
  for (let i = 0; i < crowd / 4; i++) await storeAt(`silent-${i}`, addressOf(silent));
  await bed.makeStore('coffer');
  await bed.wants('db', 'team/db');
  await bed.untilValues('db', { password: 'canary-one' });
  await bed.put('team/db', { password: 'canary-two' });
  await bed.untilValues('db', { password: 'canary-two' });
  assert.ok(reads > 0);
  assert.equal(await bed.ready('SecretStore', `silent-${crowd / 4 - 1}`), undefined, 'they still hang');
});
