/** `coffer doctor` on a real API server and a real store: where a secret stops, it says so, and why, and what to do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type FakeKubelet, startFakeKubelet } from './cluster/fake-kubelet.ts';
import { until } from './cluster/processes.ts';
import { ask } from './doctor/asked.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';
import { seal, unseal } from './operator/store.ts';

let bed: Bed;
let operator: OperatorProcess;
let kubelet: FakeKubelet;
let root: string | undefined;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  root = bed.store.api.token;
  operator = await startOperator(bed.cluster, '-enable-leader-election=true');
  kubelet = await startFakeKubelet(bed.cluster);
  await bed.makeStore('coffer');
  await bed.put('team/db', { username: 'ada', password: 'canary-1' });
});
after(async () => {
  await kubelet?.stop();
  await operator?.stop();
  await bed?.stop();
});

const isTrue = ({ status }: { readonly status: string }): boolean => status === 'True';
const isFalse = ({ status }: { readonly status: string }): boolean => status === 'False';

const deployment = (name: string, container: object, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'none', ...container }], ...spec },
      },
    },
  });

const envOf = (secret: string, key: string): object => ({
  env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: secret, key } } }],
});

const rollOut = async (name: string, container: object, spec?: object): Promise<void> => {
  await bed.cluster.kubectl(['apply', '-f', '-'], deployment(name, container, spec));
  await bed.cluster.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=60s']);
};

test('a secret that reaches its pods is whole, from store to pods', need, async () => {
  await bed.wants('db', 'team/db');
  await bed.untilReady('db', isTrue);
  await rollOut('web', envOf('db', 'password'));
  const { code, out, answer } = await ask(bed, 'db');
  assert.equal(code, 0, out);
  assert.equal(answer, 'whole: from the store to the Secret to the pods');
  assert.match(out, /^ {2}ok +operator .* leads \(Lease default\/external-secrets-controller, renewed /m);
  assert.match(out, /^ {2}ok +secret store "coffer" +it works, with a token$/m);
  assert.match(out, /^ {2}ok +property "password" of secret "team\/db" +it is there$/m);
  assert.match(out, /^ {2}ok +Secret default\/db +it holds what the store has now: "password"; last refreshed /m);
  assert.match(out, /^ {2}ok +deployment\/web +pod web-\S+ by env: the present version$/m);
});

test('a pod that has an old version in its environment is named, with its restart', need, async () => {
  await rollOut(
    'files',
    {
      volumeMounts: [{ name: 'secret', mountPath: '/run/secret' }],
    },
    { volumes: [{ name: 'secret', secret: { secretName: 'db' } }] },
  );
  await rollOut(
    'fixed',
    {
      volumeMounts: [{ name: 'secret', mountPath: '/etc/fixed', subPath: 'password' }],
    },
    { volumes: [{ name: 'secret', projected: { sources: [{ secret: { name: 'db' } }] } }] },
  );
  // Times of the API server are whole seconds.
  const sinceMs = Date.now();
  await until('another second', async () => (Date.now() - sinceMs > 1100 ? true : undefined));
  await bed.put('team/db', { username: 'ada', password: 'canary-2' });
  await bed.untilValues('db', { password: 'canary-2' });
  const { code, out, answer } = await ask(bed, 'db');
  assert.equal(code, 2, out);
  assert.match(answer, /^stops at: pods: deployment\/fixed\n/);
  assert.match(
    out,
    /^ {2}STOPS +deployment\/web +pod web-\S+ reads an old version by env: running since .* last written .*\n +do: kubectl rollout restart deployment\/web -n default$/m,
  );
  assert.match(out, /^ {2}STOPS +deployment\/fixed +pod fixed-\S+ reads an old version by subPath/m);
  assert.match(out, /^ {2}ok +deployment\/files +pod files-\S+ by volume: the present version$/m);
});

test('a key that a pod asks for and the Secret lacks: its container does not start', need, async () => {
  await bed.wants('lacking', 'team/db');
  await bed.untilReady('lacking', isTrue);
  await bed.cluster.kubectl(['apply', '-f', '-'], deployment('asks', envOf('lacking', 'passwrod')));
  await until('its pod', async () => {
    const pods = await bed.cluster.kubectl(['get', 'pods', '-l', 'app=asks', '-o', 'name']);
    return pods.trim() === '' ? undefined : true;
  });
  const { code, answer } = await ask(bed, 'lacking');
  assert.equal(code, 2);
  assert.match(
    answer,
    /asks for key "passwrod" of Secret default\/lacking by env, which is not there: the container does not start/,
  );
});

test('a policy that denies the path is named to those who may know, with its rule', need, async () => {
  const token = await bed.token(
    'no-db',
    'path "secret/*" { capabilities = ["read"] }\npath "secret/data/team/*" { capabilities = ["deny"] }',
  );
  await bed.makeStore('denied', token);
  await bed.wants('denied', 'team/db', { store: 'denied' });
  await bed.untilReady('denied', isFalse);
  const knowing = await ask(bed, 'denied', { token: root });
  assert.equal(knowing.code, 2);
  assert.match(knowing.answer, /^stops at: entry: property "password" of secret "team\/db"\n/);
  assert.match(
    knowing.answer,
    /because: {2}policy "no-db" denies secret\/data\/team\/db \(rule "secret\/data\/team\/\*"\)/,
  );
  const stranger = await ask(bed, 'denied');
  assert.equal(stranger.code, 2);
  assert.match(
    stranger.answer,
    /because: {2}the store denies secret\/data\/team\/db; the token has "default", "no-db"\n/,
  );
  assert.match(stranger.answer, /do: {7}with COFFER_ADDR=http:\/\/\S+ and a token in COFFER_TOKEN/);
});

test('no policy that grants it, and one that grants something else', need, async () => {
  const [silent, lacks] = [
    await bed.token('silent', 'path "other/*" { capabilities = ["read"] }'),
    await bed.token('lister', 'path "secret/data/team/db" { capabilities = ["list"] }'),
  ];
  await bed.makeStore('silent', silent);
  await bed.wants('silent', 'team/db', { store: 'silent' });
  await bed.makeStore('lacks', lacks);
  await bed.wants('lacks', 'team/db', { store: 'lacks' });
  assert.match(
    (await ask(bed, 'silent', { token: root })).answer,
    /no policy of the token grants secret\/data\/team\/db; it has "default", "silent"/,
  );
  assert.match(
    (await ask(bed, 'lacks', { token: root })).answer,
    /policy "lister" has a rule for secret\/data\/team\/db \("secret\/data\/team\/db"\) without "read"/,
  );
});

test('the token of whoever asks goes nowhere but to the address that he named', need, async () => {
  await bed.wants('elsewhere', 'team/db', { store: 'denied' });
  const { answer } = await ask(bed, 'elsewhere', { token: root, address: 'http://127.0.0.1:1' });
  assert.match(answer, /the store denies secret\/data\/team\/db/);
});

test(
  'a key that is missing, with names near to it; a version that is deleted; a property that is missing',
  need,
  async () => {
    await bed.wants('missing', 'team/bd');
    const missing = await ask(bed, 'missing');
    assert.equal(missing.code, 2);
    assert.match(missing.answer, /because: {2}nothing is stored at secret\/data\/team\/bd; there is "team\/db"\n/);
    await bed.put('team/gone', { password: 'canary-gone' });
    await bed.store.api.call('DELETE', 'secret/data/team/gone', { status: 204 });
    await bed.wants('gone', 'team/gone');
    assert.match((await ask(bed, 'gone')).answer, /this version of secret\/data\/team\/gone is deleted/);
    await bed.wants('property', 'team/db', {
      spec: { data: [{ secretKey: 'password', remoteRef: { key: 'team/db', property: 'pasword' } }] },
    });
    assert.match(
      (await ask(bed, 'property')).answer,
      /secret\/data\/team\/db is there and has no such property; it has "password"\n/,
    );
    await bed.wants('mount', 'team/db', { store: 'nomount' });
    await bed.make('SecretStore', 'nomount', {
      spec: {
        provider: {
          vault: {
            server: bed.store.address,
            path: 'nowhere',
            auth: { tokenSecretRef: { name: 'coffer-token', key: 'token' } },
          },
        },
      },
    });
    assert.match((await ask(bed, 'mount')).answer, /stops at: entry: .*\nbecause: .*nowhere\/data\/team\/db/);
  },
);

test('a Secret that another owns is left alone, and said to be', need, async () => {
  await bed.wants('second', 'team/db', { target: { name: 'db' } });
  await bed.untilReady('second', isFalse);
  const { code, answer } = await ask(bed, 'second');
  assert.equal(code, 2);
  assert.match(
    answer,
    /^stops at: Secret: Secret default\/db\nbecause: {2}it belongs to ExternalSecret "db", and is left alone\ndo: {7}choose another spec.target.name/,
  );
});

test('a name that is not there, a store that is not there, credentials that are not there', need, async () => {
  const near = await ask(bed, 'dv');
  assert.equal(near.code, 2);
  assert.match(
    near.answer,
    /because: {2}it is not there; near to it: "db"\ndo: {7}coffer doctor externalsecret db -n default/,
  );
  await bed.wants('nostore', 'team/db', { store: 'cofer' });
  assert.match(
    (await ask(bed, 'nostore')).answer,
    /stops at: store: secret store "cofer"\nbecause: {2}it is not there; near to it: "coffer"/,
  );
  await bed.make('SecretStore', 'nokey', {
    spec: {
      provider: {
        vault: {
          server: bed.store.address,
          path: 'secret',
          auth: { tokenSecretRef: { name: 'coffer-token', key: 'tokem' } },
        },
      },
    },
  });
  await bed.wants('nokey', 'team/db', { store: 'nokey' });
  assert.match((await ask(bed, 'nokey')).answer, /because: {2}Secret default\/coffer-token, key "tokem" is not there/);
});

test('a store that is sealed, and one that is not reached', need, async () => {
  await seal(bed.store);
  await bed.untilReady('coffer', isFalse, 'SecretStore');
  const { code, answer } = await ask(bed, 'db');
  assert.equal(code, 2);
  assert.match(
    answer,
    /^stops at: store: http:\/\/\S+\nbecause: {2}the store is sealed; the operator: \S+ since \S+ \(.* ago\): .*\ndo: {7}coffer operator unseal -address=http:/,
  );
  await unseal(bed.store);
  await bed.untilReady('coffer', isTrue, 'SecretStore');
  await bed.make('SecretStore', 'away', {
    spec: {
      provider: {
        vault: {
          server: 'http://127.0.0.1:1',
          path: 'secret',
          auth: { tokenSecretRef: { name: 'coffer-token', key: 'token' } },
        },
      },
    },
  });
  await bed.wants('away', 'team/db', { store: 'away' });
  assert.match((await ask(bed, 'away')).answer, /stops at: store: http:\/\/127.0.0.1:1\nbecause: .*connection refused/);
});

test('JSON for machines; what is called wrongly ends with 1', need, async () => {
  const { code, out } = await ask(bed, 'missing', { flags: ['-format=json'] });
  assert.equal(code, 2);
  const { stops, complete, stop, findings } = JSON.parse(out);
  assert.deepEqual([stops, complete], [true, true]);
  assert.equal(stop.step, 'entry');
  assert.ok(findings.length > 5);
  for (const flags of [['-format=xml'], ['more'], ['-context=nope'], ['-what']]) {
    assert.equal((await ask(bed, 'missing', { flags })).code, 1, flags.join(' '));
  }
});
