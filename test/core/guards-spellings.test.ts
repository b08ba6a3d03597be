/** S5, S6: names that are one name in any spelling are denied in all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';
import { openFull, type Place, places, tokenWith } from './places.ts';

const spellings: readonly string[] = ['SOME', 'Some', 'som%45', '%20some', '%53ome'];

const isFolded = ({ row, path }: Place): boolean =>
  path.includes('some') && Object.values(row.in).some(({ folds }) => folds);

const everything = 'path "*" { capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo"] }';
const except = (path: string, rule = 'capabilities = ["deny"]'): string => `${everything}\npath "${path}" { ${rule} }`;

const methods = { read: 'GET', list: 'LIST', scan: 'SCAN', write: 'POST', patch: 'PATCH', delete: 'DELETE' } as const;

test('S5, S6: who is denied a name is denied it however it is spelled, at every row that folds names', async () => {
  const folded = places.filter(isFolded);
  assert.ok(folded.length >= 12, String(folded.length));
  const bed = await openFull();
  const found: string[] = [];
  for (const { row, path } of folded) {
    const token = await tokenWith(bed, except(path));
    for (const spelled of spellings) {
      const asked = path.replace('some', spelled);
      const { status } = await bed.ask(methods[row.verb], asked, { token, body: {} });
      if (status !== 403) found.push(`${row.verb} ${asked}: ${status}`);
    }
  }
  assert.deepEqual(found, []);
});

const role = 'auth/kubernetes/role';

const openRoles = async (): Promise<Bed> => {
  const bed = await openBed();
  const body = { bound_service_account_names: 'a', bound_service_account_namespaces: 'a' };
  assert.equal((await bed.root('POST', 'sys/auth/kubernetes', { type: 'kubernetes' })).status, 204);
  assert.equal((await bed.root('POST', `${role}/prod`, body)).status, 204);
  return bed;
};

test('S6: what a policy leaves out of a name is left out of all its spellings', async () => {
  const bed = await openRoles();
  const reader = await tokenWith(bed, except(`${role}/prod`, 'capabilities = ["read"]'));
  for (const name of ['prod', 'PROD', 'Prod']) {
    assert.equal((await bed.ask('GET', `${role}/${name}`, { token: reader })).status, 200, name);
    for (const method of ['POST', 'DELETE'])
      assert.equal((await bed.ask(method, `${role}/${name}`, { token: reader, body: {} })).status, 403, name);
  }
  const tuner = await tokenWith(
    bed,
    except(`${role}/prod`, 'capabilities = ["update"]\n denied_parameters = { token_policies = [] }'),
  );
  const told = await bed.ask('POST', `${role}/PROD`, { token: tuner, body: { token_policies: 'admin' } });
  assert.equal(told.status, 403);
  assert.equal((await bed.ask('POST', `${role}/PROD`, { token: tuner, body: { token_ttl: '1h' } })).status, 204);
});

test('a policy that grants one spelling alone grants it', async () => {
  const bed = await openRoles();
  const token = await tokenWith(bed, `path "${role}/Prod" { capabilities = ["read"] }`);
  assert.equal((await bed.ask('GET', `${role}/Prod`, { token })).status, 200);
  assert.equal((await bed.ask('GET', `${role}/prod`, { token })).status, 403);
});

test('S6: what a rule leaves out of a list is left out of it in any spelling', async () => {
  const bed = await openBed();
  for (const name of ['team/a', 'team/b'])
    await bed.root('PUT', `sys/policies/acl/${name}`, { policy: 'path "x" { capabilities = ["read"] }' });
  const few = 'capabilities = ["list"]\n pagination_limit = 1';
  const token = await tokenWith(bed, except('sys/policies/acl/team/', few));
  for (const name of ['team', 'TEAM', 'Team']) {
    const told = await bed.ask('LIST', `sys/policies/acl/${name}`, { token });
    assert.deepEqual(told.json.data?.keys, ['team/a'], name);
  }
});
