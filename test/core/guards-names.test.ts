/** S1: nothing that only looks like root is root, or makes root, wherever policies are named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';
import { tokenWith } from './places.ts';

const lookalikes: readonly string[] = [
  'ROOT',
  'Root',
  'rOoT',
  ' root',
  'root ',
  '\troot\n',
  'root\u0000',
  '\u0000root',
  'root\u200b',
  '\ufeffroot',
  'ｒｏｏｔ',
  'ro\u043et',
  'r\u00f6ot',
  'ro\u0301ot',
  'root\u00a0',
  '"root"',
  'root,',
  ',root',
  'root/',
  '/root',
  './root',
  'root%20',
  'root\\',
  '𝓻𝓸𝓸𝓽',
];

const isRoot = async (bed: Bed, token: string): Promise<boolean> => {
  const acl = await bed.ask('GET', 'sys/internal/ui/resultant-acl', { token });
  const mounts = await bed.ask('GET', 'sys/mounts', { token });
  return acl.json?.data?.root === true || mounts.status === 200;
};

const makes = 'path "auth/token/*" { capabilities = ["create", "update", "sudo"] }';

test('S1: a token made with what looks like root is not root, whoever makes it', async () => {
  const bed = await openBed();
  const maker = await tokenWith(bed, makes);
  const found: string[] = [];
  for (const name of lookalikes) {
    for (const token of [maker, bed.rootToken]) {
      for (const policies of [[name], name, [name, 'default'], ['default', name]]) {
        for (const at of ['create', 'create-orphan']) {
          const told = await bed.ask('POST', `auth/token/${at}`, { token, body: { policies } });
          if (told.status >= 500) found.push(`${JSON.stringify(policies)}: ${told.text}`);
          if (told.status !== 200) continue;
          // Root itself may write spaces around an entry of a list; nothing else is read as root.
          const meant = String(policies)
            .split(',')
            .some(one => one.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') === 'root');
          if (told.json.auth.policies.includes('root') && (token === maker || !meant))
            found.push(`${JSON.stringify(policies)} became root`);
          if (token === maker && (await isRoot(bed, told.json.auth.client_token)))
            found.push(`${JSON.stringify(policies)} is root`);
        }
      }
    }
  }
  assert.deepEqual(found, []);
});

test('S1: no role makes root, however it names it, for who is not root', async () => {
  const bed = await openBed();
  const maker = await tokenWith(bed, makes);
  const found: string[] = [];
  for (const name of [...lookalikes, 'root', '*', 'r*t', 'roo*']) {
    for (const field of ['allowed_policies', 'allowed_policies_glob']) {
      await bed.root('POST', 'auth/token/roles/r', {
        allowed_policies: [],
        allowed_policies_glob: [],
        [field]: [name],
      });
      for (const policies of [[], ['root'], [name]]) {
        const told = await bed.ask('POST', 'auth/token/create/r', { token: maker, body: { policies } });
        if (told.status >= 500) found.push(`${name} ${policies.join()}: ${told.text}`);
        if (told.status === 200 && (await isRoot(bed, told.json.auth.client_token)))
          found.push(`${field} ${JSON.stringify(name)}, asked ${JSON.stringify(policies)}: root`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('S1: no policy can be written, replaced or deleted under a name that is taken for root', async () => {
  const bed = await openBed();
  const policy = 'path "*" { capabilities = ["read", "sudo"] }';
  for (const name of [...lookalikes, 'root']) {
    const path = `sys/policies/acl/${encodeURIComponent(name)}`;
    const put = await bed.root('PUT', path, { policy });
    const removed = await bed.root('DELETE', path);
    assert.ok(put.status < 500 && removed.status < 500, JSON.stringify(name));
    if (put.status !== 204) continue;
    const { data } = (await bed.root('LIST', 'sys/policies/acl')).json as { data: { keys: readonly string[] } };
    assert.equal(data.keys.filter(key => key === 'root').length, 1, JSON.stringify(name));
  }
  assert.equal((await bed.root('GET', 'sys/policies/acl/root')).json.data.policy, '');
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
});
