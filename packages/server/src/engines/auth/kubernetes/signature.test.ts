/** Keys that a cluster publishes, on a bed without one; with a real one: `test/peers/kubernetes-signature.test.ts`. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import type { OutsideAnswer, OutsideCall } from '../../../contracts/outside.ts';
import { kubernetesAuth } from './engine.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ours', alg: 'RS256' }] });
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const claims = {
  sub: 'system:serviceaccount:shop:web',
  aud: ['coffer'],
  exp: 9_999_999_999,
  'kubernetes.io': { serviceaccount: { uid: 'u' } },
};

const signed = (kid: string): string => {
  const text = `${part({ alg: 'RS256', kid })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
};

const open = async (): Promise<EngineBed> => {
  const bed = new EngineBed(kubernetesAuth);
  const config = { kubernetes_host: 'https://10.0.0.1', jwt_validation: 'signature' };
  const role = { bound_service_account_names: 'web', bound_service_account_namespaces: 'shop', audience: 'coffer' };
  assert.equal((await bed.call('write', 'config', { body: config })).status, 204);
  assert.equal((await bed.call('write', 'role/app', { body: role })).status, 204);
  return bed;
};

const login = async (bed: EngineBed, jwt: string): Promise<number | 'admitted'> => {
  const { status, error } = await bed.call('write', 'login', { body: { role: 'app', jwt } });
  return error === undefined ? 'admitted' : status;
};

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
};

const answer = (status: number, body = '{}'): OutsideAnswer => ({ status, body: new TextEncoder().encode(body) });

/** Shows its keys to whom it has signed for. */
const showsKeysTo =
  (jwt: string, stranger: () => Promise<OutsideAnswer>) =>
  async ({ headers }: OutsideCall): Promise<OutsideAnswer> =>
    headers.get('authorization') === `Bearer ${jwt}` ? answer(200, jwks) : stranger();

test('S14: strangers who fill the queue for the keys keep nobody out whom the keys prove', async () => {
  const bed = await open();
  const ours = signed('ours');
  const stuck = Promise.withResolvers<OutsideAnswer>();
  bed.http = showsKeysTo(ours, () => stuck.promise);
  assert.equal(await login(bed, ours), 'admitted');
  bed.clock.turn(20_000);
  const strangers = Array.from({ length: 100 }, (_, index) => login(bed, signed(`stranger ${index}`)));
  await settle();
  for (let minutes = 0; minutes < 60; minutes += 4) {
    bed.clock.turn(240_000);
    assert.equal(await login(bed, ours), 'admitted', `after ${minutes} min`);
    await settle();
  }
  stuck.resolve(answer(401));
  assert.equal((await Promise.all(strangers)).includes('admitted'), false);
});

test('keys that cannot be fetched anew are good until they are too old', async () => {
  const bed = await open();
  const ours = signed('ours');
  bed.http = showsKeysTo(ours, async () => answer(401));
  assert.equal(await login(bed, ours), 'admitted');
  let calls = 0;
  bed.http = async () => {
    calls++;
    return answer(500);
  };
  bed.clock.turn(400_000);
  assert.deepEqual([await login(bed, ours), await login(bed, ours), calls], ['admitted', 'admitted', 1]);
  await settle();
  bed.clock.turn(300_000);
  assert.equal(await login(bed, ours), 502);
});
