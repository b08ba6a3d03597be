/** The workload that a token comes from stands in every audit record of it and of its children, and nowhere it was not proved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Workload } from '@coffer/schema/auth-request.ts';
import { orphanDraft } from '../../packages/server/src/core/tokens/orphan.ts';
import { type Bed, openBed } from './bed.ts';

const workload: Workload = { namespace: 'shop', serviceAccount: 'web', pod: 'web-7d9', node: 'n\u202e1\n' };
const shown = { namespace: 'shop', service_account: 'web', pod: 'web-7d9', node: 'n\u202e1\n' };

// oxlint-disable-next-line typescript/no-explicit-any -- records are looked into freely
const lastAuth = (bed: Bed): any => JSON.parse(bed.audited.at(-1) ?? '').auth;

/** As an auth method has the core make a token. */
const login = async ({ core }: Bed, type: 'service' | 'batch'): Promise<string> => {
  const draft = orphanDraft({ policies: ['default'], path: 'auth/kubernetes/login', workload });
  return (await core.tokens.make({ ...draft, type, creationTtlSeconds: 3600 })).text;
};

test('a token that an auth method made for a workload names it in audit and look-up, whatever its type', async () => {
  const bed = await openBed();
  for (const type of ['service', 'batch'] as const) {
    const token = await login(bed, type);
    const { json } = await bed.ask('GET', 'auth/token/lookup-self', { token });
    assert.deepEqual(json.data.workload, shown);
    assert.deepEqual(lastAuth(bed).workload, shown);
    assert.equal((await bed.ask('GET', 'sys/mounts', { token })).status, 403);
    assert.deepEqual(lastAuth(bed).workload, shown);
  }
  assert.equal(/[\u202e\n]/.test(bed.audited.join('')), false);
});

test('children of such a token are of the same workload; nobody can ask to be of one', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/default', {
    policy: 'path "*" { capabilities = ["read", "update", "create"] }',
  });
  const parent = await login(bed, 'service');
  const made = await bed.ask('POST', 'auth/token/create', { token: parent, body: { policies: ['default'] } });
  const child = made.json.auth.client_token as string;
  await bed.ask('GET', 'auth/token/lookup-self', { token: child });
  assert.deepEqual(lastAuth(bed).workload, shown);
  const asked = await bed.root('POST', 'auth/token/create', {
    policies: ['default'],
    workload: shown,
    meta: { workload: 'x' },
  });
  await bed.ask('GET', 'auth/token/lookup-self', { token: asked.json.auth.client_token });
  assert.equal(lastAuth(bed).workload, undefined);
  await bed.root('GET', 'sys/mounts');
  assert.equal(lastAuth(bed).workload, undefined);
});

test('a workload without pod and node is told without them', async () => {
  const bed = await openBed();
  const draft = orphanDraft({
    policies: ['default'],
    path: 'auth/kubernetes/login',
    workload: { namespace: 'shop', serviceAccount: 'web', pod: '', node: '' },
  });
  const { text: token } = await bed.core.tokens.make(draft);
  await bed.ask('GET', 'auth/token/lookup-self', { token });
  assert.deepEqual(lastAuth(bed).workload, { namespace: 'shop', service_account: 'web' });
});
