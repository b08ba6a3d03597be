/** The roles of the operator on a real API server: they give every right of the table, and no other. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { operatorRights, type Right } from '../../packages/server/src/kubernetes/api/rbac.ts';
import { resources } from '../../packages/server/src/kubernetes/api/resources.ts';
import { root } from '../run/environment.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { until } from './cluster/processes.ts';

const need = { skip: needCluster.skip };
const own = 'default';
const account = `system:serviceaccount:${own}:coffer-operator`;
const everyVerb = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
let cluster: Cluster;

type Asked = Pick<Right, 'resource' | 'subresource'>;

const isAllowed = async ({ resource, subresource }: Asked, verb: string, namespace: string): Promise<boolean> => {
  const { group, plural } = resource;
  const attributes = { group, resource: plural, subresource, verb, namespace };
  const answer = await cluster.api.ask('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    method: 'POST',
    body: { spec: { user: account, resourceAttributes: attributes } },
  });
  return (answer['status'] as { readonly allowed: boolean }).allowed;
};

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  await cluster.kubectl(['apply', '-n', own, '-f', path.join(root, 'deploy/operator/rbac.yaml')]);
  const subject = `--serviceaccount=${own}:coffer-operator`;
  await cluster.kubectl(['create', 'clusterrolebinding', 'a', '--clusterrole=coffer-operator', subject]);
  await cluster.kubectl(['create', 'rolebinding', 'a', '-n', own, '--role=coffer-operator', subject]);
  await until('the bindings are known', async () =>
    (await isAllowed({ resource: resources.lease }, 'get', own)) &&
    (await isAllowed({ resource: resources.secret }, 'get', 'other'))
      ? true
      : undefined,
  );
});
after(() => cluster?.stop());

test('every right of the table is given where the table says, and no other verb of its resource', need, async () => {
  for (const { resource, subresource, verbs, where } of operatorRights)
    for (const verb of everyVerb) {
      const asked = { resource, ...(subresource === undefined ? {} : { subresource }) };
      const shown = `${verb} ${resource.plural}/${subresource ?? ''}`;
      assert.equal(await isAllowed(asked, verb, own), verbs.includes(verb), shown);
      assert.equal(await isAllowed(asked, verb, 'other'), where === 'cluster' && verbs.includes(verb), shown);
    }
});

test('nothing is given that would let it become somebody else, or run something', need, async () => {
  const roles = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', namespaced: false };
  const others: readonly Asked[] = [
    { resource: resources.pod },
    { resource: resources.pod, subresource: 'exec' },
    { resource: resources.serviceAccount },
    { resource: resources.deployment },
    { resource: resources.customResourceDefinition },
    { resource: { ...roles, plural: 'clusterroles' } },
    { resource: { ...roles, plural: 'clusterrolebindings' } },
  ];
  for (const asked of others)
    for (const verb of [...everyVerb, 'bind', 'escalate', 'impersonate'])
      assert.equal(await isAllowed(asked, verb, own), false, `${verb} ${asked.resource.plural}`);
});
