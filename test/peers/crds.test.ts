/** The definitions of the kinds on a real API server: what it lets in is what the parser reads, and the other way round. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../packages/server/src/contracts/kube.ts';
import { crdNameOf, crds } from '../../packages/server/src/kubernetes/api/crds.ts';
import { parse } from '../../packages/server/src/kubernetes/api/custom-kind.ts';
import type { Kind } from '../../packages/server/src/kubernetes/api/fields/kind.ts';
import { customKinds } from '../../packages/server/src/kubernetes/api/kinds.ts';
import { root } from '../run/environment.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { until } from './cluster/processes.ts';
import { everyday, type Example, whole } from './kinds/examples.ts';
import { allowed, refusals } from './kinds/refusals.ts';
import { variantsOf } from './kinds/variants.ts';

const need = { skip: needCluster.skip };
/** Requests on their way at once, and all there are. */
const atOnce = 16;
const variantsLimit = 3000;
const group = '/apis/external-secrets.io';
let cluster: Cluster;

const isEstablished = (object: KubeObject): boolean => {
  const status = object['status'] as { readonly conditions?: readonly { type: string; status: string }[] } | undefined;
  return (status?.conditions ?? []).some(({ type, status: is }) => type === 'Established' && is === 'True');
};

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  await cluster.kubectl(['apply', '--server-side', '-f', path.join(root, 'deploy/crds')]);
  for (const { resource } of customKinds)
    await until(`${resource.kind} is established`, async () => {
      const at = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crdNameOf(resource)}`;
      return isEstablished(await cluster.api.ask(at)) || undefined;
    });
});
after(() => cluster?.stop());

const kindOf = (example: Example) => {
  const found = customKinds.find(({ resource }) => resource.kind === example.kind);
  return found ?? assert.fail(example.kind);
};
const objectOf = ({ kind, spec }: Example): KubeObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind,
  metadata: { name: 'tried' },
  spec,
});
const placeOf = (example: Example): string => {
  const { namespaced, plural } = kindOf(example).resource;
  return `${group}/v1/${namespaced ? 'namespaces/default/' : ''}${plural}`;
};

type Outcome = { readonly object: KubeObject } | { readonly refused: string };

const served = async (example: Example, validation = 'Ignore'): Promise<Outcome> => {
  const at = `${placeOf(example)}?dryRun=All&fieldValidation=${validation}`;
  const { status, body } = await cluster.api.call(at, { method: 'POST', body: objectOf(example) });
  return status === 201 ? { object: body } : { refused: `${status} ${String(body['message'])}` };
};

const read = (example: Example, object = objectOf(example)) => {
  try {
    return { parsed: parse(kindOf(example), object) };
  } catch (error) {
    return { refused: (error as Error).message };
  }
};

const each = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

/** How parser and API server differ over it; an object that both take must be the same one, defaults included. */
const difference = async (example: Example): Promise<string | undefined> => {
  const there = await served(example);
  const here = read(example);
  if ('refused' in there && 'refused' in here) return undefined;
  if ('refused' in there) return `only the API server refuses: ${there.refused}`;
  if ('refused' in here) return `only the parser refuses: ${here.refused}`;
  const filled = read(example, there.object);
  return isDeepStrictEqual(filled.parsed?.spec, here.parsed.spec) ? undefined : `differs: ${filled.refused ?? ''}`;
};

/** `data.remoteRef.key` */
const fieldsIn = ({ members = {} }: Kind<unknown>): readonly string[] =>
  Object.entries(members).flatMap(([name, { kind }]) => [name, ...fieldsIn(kind).map(inner => `${name}.${inner}`)]);

const valuesAt = (values: readonly unknown[], [name, ...rest]: readonly string[]): readonly unknown[] => {
  if (name === undefined) return values;
  const inner = values.flatMap(value => (value as { readonly [name: string]: unknown })[name] ?? []);
  return valuesAt(inner, rest);
};

const rulesIn = (kind: Kind<unknown>): readonly string[] => [
  ...(kind.rules ?? []).map(({ message }) => message),
  ...Object.values(kind.members ?? {}).flatMap(field => rulesIn(field.kind)),
];

test('the definitions are what the tables say', need, async () => {
  for (const crd of crds()) {
    const at = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
    const { spec, metadata } = await cluster.api.ask(at);
    assert.partialDeepStrictEqual({ spec, metadata }, { spec: crd['spec'], metadata: crd.metadata });
  }
});

test(
  'manifests of every day, and those that set everything, are taken as they are: nothing is cut off',
  need,
  async () => {
    for (const example of [...everyday, ...whole]) {
      const outcome = await served(example, 'Strict');
      assert.ok('object' in outcome, JSON.stringify({ example, outcome }));
      assert.partialDeepStrictEqual(outcome.object['spec'], example.spec);
    }
  },
);

test('the manifests that set everything leave no field out', () => {
  for (const kinds of [['ExternalSecret'], ['SecretStore', 'ClusterSecretStore']]) {
    const examples = whole.filter(({ kind }) => kinds.includes(kind));
    const { spec } = kindOf(examples[0] ?? assert.fail());
    const left = fieldsIn(spec).filter(
      field => !examples.some(example => valuesAt([example.spec], field.split('.')).length > 0),
    );
    assert.deepEqual(left, []);
  }
});

test('what is not set is filled in by the API server', need, async () => {
  const spec = { secretStoreRef: { name: 'coffer' }, data: [{ secretKey: 'a', remoteRef: { key: 'a' } }] };
  const outcome = await served({ kind: 'ExternalSecret', spec });
  assert.ok('object' in outcome);
  assert.deepEqual(outcome.object['spec'], {
    secretStoreRef: { name: 'coffer', kind: 'SecretStore' },
    refreshPolicy: 'Periodic',
    refreshInterval: '1h0m0s',
    target: { creationPolicy: 'Owner', deletionPolicy: 'Retain', immutable: false },
    data: [
      {
        secretKey: 'a',
        remoteRef: {
          key: 'a',
          metadataPolicy: 'None',
          conversionStrategy: 'Default',
          decodingStrategy: 'None',
          nullBytePolicy: 'Ignore',
        },
      },
    ],
  });
});

test('every rule of the tables has manifests here that break it', () => {
  const messages = new Set(customKinds.flatMap(({ spec }) => rulesIn(spec)));
  for (const message of messages)
    assert.equal(refusals.filter(refusal => message.startsWith(refusal.message)).length, 1, message);
  assert.equal(messages.size, refusals.length);
});

test(
  'a manifest that breaks a rule is refused by the parser and by the API server, with the same words',
  need,
  async () => {
    for (const { message, broken } of refusals)
      for (const example of broken) {
        const here = read(example).refused ?? '';
        const there = await served(example);
        assert.ok(here.includes(message), `${JSON.stringify(example)}: ${here}`);
        assert.ok('refused' in there && there.refused.includes(message), JSON.stringify({ example, there }));
      }
  },
);

test('what comes near to breaking a rule is allowed by both', need, async () => {
  for (const example of allowed) {
    assert.equal(read(example).refused, undefined);
    assert.equal(await difference(example), undefined);
  }
});

test('the parser reads what the API server lets in, with the same defaults, and nothing else', need, async () => {
  const tried = variantsOf(whole, example => kindOf(example).spec.schema);
  assert.ok(tried.length <= variantsLimit, String(tried.length));
  const differences: string[] = [];
  await each(tried, async variant => {
    const found = await difference(variant);
    if (found !== undefined) differences.push(`${variant.change}: ${found}`);
  });
  assert.deepEqual(differences, []);
  const accepted = tried.filter(example => read(example).refused === undefined).length;
  assert.ok(accepted > tried.length / 20 && accepted < tried.length / 2, `${accepted} of ${tried.length}`);
});

test(
  'many entries are within what the API server computes, one more than the bound is refused by both',
  need,
  async () => {
    const entries = (count: number): Example => ({
      kind: 'ExternalSecret',
      spec: {
        secretStoreRef: { name: 'coffer' },
        data: Array.from({ length: count }, (_, index) => ({
          secretKey: `${'k'.repeat(200)}${index}`,
          remoteRef: { key: 'a' },
        })),
      },
    });
    assert.ok('object' in (await served(entries(1000))));
    for (const count of [1000, 1001]) assert.equal(await difference(entries(count)), undefined);
    assert.ok('refused' in (await served(entries(1001))));
  },
);

test('v1beta1 is listed in the definition, and not served', need, async () => {
  assert.equal((await cluster.api.call(`${group}/v1beta1`)).status, 404);
  const [example] = everyday;
  const body = { ...objectOf(example ?? assert.fail()), apiVersion: 'external-secrets.io/v1beta1' };
  const at = `${group}/v1beta1/namespaces/default/secretstores`;
  assert.equal((await cluster.api.call(at, { method: 'POST', body })).status, 404);
});

test('kubectl shows them by their short names and the columns, and selects by fields', need, async () => {
  const example = everyday[1] ?? assert.fail();
  await cluster.api.ask(placeOf(example), { method: 'POST', body: objectOf(example) });
  const shown = await cluster.kubectl(['get', 'es']);
  assert.match(
    shown,
    /NAME +STORETYPE +STORE +REFRESH INTERVAL +STATUS +READY +LAST SYNC\ntried +SecretStore +coffer +1h0m0s/,
  );
  const by = (selector: string) => cluster.kubectl(['get', 'es', '-o', 'name', '--field-selector', selector]);
  assert.match(await by('spec.secretStoreRef.name=coffer,spec.target.name=db'), /externalsecret/);
  assert.equal(await by('spec.secretStoreRef.name=other'), '');
  for (const name of ['ss', 'css', 'external-secrets']) await cluster.kubectl(['get', name]);
});

test('status is written on its own, and a status that is not one is refused', need, async () => {
  const example = everyday[0] ?? assert.fail();
  await cluster.api.ask(placeOf(example), { method: 'POST', body: objectOf(example) });
  const at = `${placeOf(example)}/tried`;
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Valid',
    message: 'store validated',
    lastTransitionTime: '2026-08-21T08:00:00Z',
  };
  const status = { conditions: [condition], capabilities: 'ReadOnly' };
  const written = await cluster.api.ask(`${at}/status`, { method: 'PATCH', body: { status } });
  assert.deepEqual(parse(kindOf(example), written).status, status);
  const bad = await cluster.api.call(`${at}/status`, { method: 'PATCH', body: { status: { capabilities: 'a' } } });
  assert.equal(bad.status, 422);
});
