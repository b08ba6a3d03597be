/** `coffer import` and `coffer export` against a real server: from manifests into the store and back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Ended, runCoffer } from './coffer.ts';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

const examples = path.join(import.meta.dirname, '../../docs/examples/manifests');
const canary = 'canary-5d1e-not-to-be-seen';
const forms = [canary, Buffer.from(canary).toString('base64').slice(0, 30), Buffer.from(canary).toString('hex')];

let server: ServerProcess;
let folder: string;

const coffer = async (args: readonly string[], input?: string | Uint8Array): Promise<Ended> => {
  const env = { COFFER_ADDR: server.address, COFFER_TOKEN: 'root', HOME: folder };
  const ended = await runCoffer(args, { env, cwd: folder, ...(input === undefined ? {} : { input }) });
  for (const form of forms)
    assert.ok(args[0] === 'export' || !(ended.out + ended.err).includes(form), 'S11: a value is shown');
  return ended;
};

const counts = (ended: Ended): readonly number[] => {
  const { created, updated, unchanged, refused } = JSON.parse(ended.out);
  return [created, updated, unchanged, refused.length];
};

before(async () => {
  server = await startDevServer();
  folder = newFolder();
});

after(async () => {
  await server.stop();
});

test('a folder goes in, a second time changes nothing, and the same comes back', async () => {
  const dry = await coffer(['import', '-f', examples, '-dry-run', '-format=json']);
  assert.deepEqual([dry.code, ...counts(dry)], [0, 4, 0, 0, 0]);
  const first = await coffer(['import', '-f', examples, '-format=json']);
  assert.deepEqual([first.code, ...counts(first)], [0, 4, 0, 0, 0]);
  const again = await coffer(['import', '-f', examples, '-format=json']);
  assert.deepEqual([again.code, ...counts(again)], [0, 0, 0, 4, 0]);
  const out = path.join(folder, 'out');
  assert.equal((await coffer(['export', '-o', out])).code, 0);
  assert.deepEqual(readdirSync(path.join(out, 'shop')), [
    'database.yaml',
    'registry.yaml',
    'session.yaml',
    'web-tls.yaml',
  ]);
  assert.equal(statSync(path.join(out, 'shop/web-tls.yaml')).mode & 0o777, 0o600);
  assert.match(readFileSync(path.join(out, 'shop/session.yaml'), 'utf8'), /cookie\.key: 8PHy8\/T19vf4\+fr7\/P3\+\/w==/);
  const round = await coffer(['import', '-f', out, '-format=json']);
  assert.deepEqual([round.code, ...counts(round)], [0, 0, 0, 4, 0]);
});

const list = (password: string): string => `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  type: Opaque
  metadata:
    name: a
    namespace: live
    uid: 1
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"password":"${canary}"}}'
  data: {password: ${Buffer.from(password).toString('base64')}, old: ""}
  stringData: {old: wins}
- apiVersion: v1
  kind: Secret
  type: kubernetes.io/service-account-token
  metadata: {name: sa-token, namespace: live}
- apiVersion: v1
  kind: Secret
  type: helm.sh/release.v1
  metadata: {name: sh.helm.release.v1.a.v1, namespace: live}
`;

test('what kubectl prints goes in from standard input; changes are shown by key names alone', async () => {
  const first = await coffer(['import', '-f', '-', '-format=json'], list(canary));
  assert.deepEqual([first.code, ...counts(first)], [0, 1, 0, 0, 0]);
  assert.match(first.err, /skipped 1: service account tokens[\s\S]*skipped 1: Helm releases/);
  const dry = await coffer(
    ['import', '-f', '-', '-dry-run'],
    list(`${canary}2`).replace(', old: ""', '').replace('old: wins', 'new: x'),
  );
  assert.match(dry.out, /update {4}secret\/live\/a {4}\+new ~password -old/);
  const read = await coffer(['kv', 'get', '-field=old', 'secret/live/a']);
  assert.equal(read.out, 'wins');
  const metadata = await coffer(['kv', 'metadata', 'get', '-format=json', 'secret/live/a']);
  const kept = JSON.parse(metadata.out).data;
  assert.equal(kept.current_version, 1);
  assert.equal(kept.custom_metadata['coffer.source'], 'standard input:4');
  const update = await coffer(['import', '-f', '-', '-format=json'], list(`${canary}2`));
  assert.deepEqual(counts(update), [0, 1, 0, 0]);
});

test('entries of others beside a secret are kept', async () => {
  await coffer(['kv', 'metadata', 'patch', '-custom-metadata=owner=ada', 'secret/live/a']);
  const text = list(canary).replace('uid: 1', 'labels: {app: shop}');
  assert.deepEqual(counts(await coffer(['import', '-f', '-', '-format=json'], text)), [0, 1, 0, 0]);
  const { custom_metadata: custom } = JSON.parse(
    (await coffer(['kv', 'metadata', 'get', '-format=json', 'secret/live/a'])).out,
  ).data;
  assert.equal(custom.owner, 'ada');
  assert.equal(custom['coffer.label/app'], 'shop');
});

const secret = (name: string, more: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\n${more}\n`;

const bad: readonly (readonly [name: string, text: string, told: RegExp])[] = [
  ['quote', secret('x', `stringData: {a: "${canary}}`), /quote\.yaml:\d+: not valid YAML/],
  ['base64', secret('x', `data: {a: "${canary}"}`), /base64\.yaml:1: Secret "x": data "a": not base64/],
  [
    'number',
    secret('x', 'stringData: {a: 8019210420527506405}'),
    /number\.yaml:1: Secret "x": stringData "a": expected text/,
  ],
  ['list', secret('x', `stringData: [${canary}]`), /stringData: expected names with texts/],
  ['key', secret('x', `stringData: {"a/../b": "${canary}"}`), /data "a\/\.\.\/b": a key may have/],
  ['proto', secret('x', `stringData: {__proto__: "${canary}"}`), /the store takes no key of this name/],
  ['name', secret('../../etc', `stringData: {a: "${canary}"}`), /metadata\.name "\.\.\/\.\.\/etc": not a name/],
  ['no-name', `kind: Secret\nstringData: {a: ${canary}}\n`, /metadata: missing/],
  ['twice', secret('x', `stringData: {a: ${canary}, a: b}`), /twice\.yaml:4: not valid YAML: a key stands twice/],
  ['scalar', canary, /scalar\.yaml:1: not an object/],
  ['helm', `kind: Secret\nmetadata: {name: {{ .Release.Name }}-${canary}}\n`, /helm\.yaml:\d: /],
  ['annotation', secret('x', '').replace('x}', `x, annotations: {a: "${'é'.repeat(5000)}"}}`), /-skip-annotation=NAME/],
  ['type', secret('x', 'type: [a]'), /type: expected text/],
  ['items', 'kind: List\nitems: {a: 1}\n', /items: expected a list/],
];

test('what is broken is named by file and line, and takes nothing else with it', async () => {
  for (const [name, text, told] of bad) {
    const place = path.join(folder, `bad-${name}`);
    mkdirSync(place);
    const good = secret(`good-${name}`, `stringData: {a: "${canary}"}`);
    writeFileSync(path.join(place, `${name}.yaml`), `${text}\n---\n${good}`);
    const ended = await coffer(['import', '-f', place, '-default-namespace=broken']);
    assert.match(ended.err, told, name);
    assert.match(
      ended.out,
      new RegExp(`create {4}secret/broken/good-${name}[\\s\\S]*1 created, 0 updated, 0 unchanged, 1 refused`),
    );
    assert.equal(ended.code, 2, name);
  }
});

test('S21: links out of the folder, pipes, huge and hidden files are not read, and named', async () => {
  const place = path.join(folder, 'odd');
  mkdirSync(place);
  writeFileSync(path.join(folder, 'outside.yaml'), secret('outside', `stringData: {a: ${canary}}`));
  symlinkSync('../outside.yaml', path.join(place, 'link.yaml'));
  symlinkSync('nowhere.yaml', path.join(place, 'gone.yaml'));
  execFileSync('mkfifo', [path.join(place, 'pipe.yaml')]);
  writeFileSync(path.join(place, '.hidden.yaml'), secret('hidden', ''));
  writeFileSync(path.join(place, 'huge.yaml'), '');
  truncateSync(path.join(place, 'huge.yaml'), 33 * 1024 * 1024);
  writeFileSync(path.join(place, 'fine.yaml'), secret('fine', ''));
  const ended = await coffer(['import', '-f', 'odd']);
  assert.match(ended.err, /REFUSED odd\/link\.yaml: a link out of the folder/);
  assert.match(ended.err, /REFUSED odd\/gone\.yaml: a link that leads nowhere/);
  assert.match(ended.err, /REFUSED odd\/pipe\.yaml: not a regular file/);
  assert.match(ended.err, /REFUSED odd\/huge\.yaml: larger than/);
  assert.match(ended.err, /skipped 1: hidden files/);
  assert.match(ended.out, /1 created, 0 updated, 0 unchanged, 4 refused/);
  assert.equal(ended.code, 2);
});

test('a Secret that stands in two documents with other content is refused in both', async () => {
  const text = `${secret('two', `stringData: {a: ${canary}}`)}---\n${secret('two', 'stringData: {a: b}')}`;
  const ended = await coffer(['import', '-f', '-'], text);
  assert.match(ended.err, /REFUSED standard input:1: default\/two: also in standard input:6, with other content/);
  assert.match(ended.err, /REFUSED standard input:6: /);
  assert.match(ended.out, /0 created/);
});

test('S21: what the store holds cannot name a file outside the folder', async () => {
  await coffer(['kv', 'put', 'secret/evil/x', 'a=b']);
  await coffer(['kv', 'metadata', 'put', '-custom-metadata=coffer.name=../../../evil', 'secret/evil/x']);
  await coffer(['kv', 'put', 'secret/evil/y', 'a=b']);
  await coffer(['kv', 'metadata', 'put', '-custom-metadata=coffer.namespace=..', 'secret/evil/y']);
  await coffer(['kv', 'put', 'secret/evil/Z_z', 'a=b']);
  await coffer(['kv', 'put', 'secret/evil/plain', 'a=b', 'n=5']);
  const ended = await coffer(['export', '-prefix=evil', '-o', 'exported']);
  assert.equal(ended.code, 2);
  assert.deepEqual(ended.err.match(/^REFUSED secret\/evil\/./gm)?.length, 3);
  assert.deepEqual(readdirSync(path.join(folder, 'exported'), { recursive: true }).map(String).toSorted(), [
    'default',
    'default/plain.yaml',
  ]);
  mkdirSync(path.join(folder, 'trap'));
  symlinkSync(folder, path.join(folder, 'trap/default'));
  const trapped = await coffer(['export', '-prefix=evil', '-o', 'trap']);
  assert.match(trapped.err, /trap\/default: not a folder/);
});

test('where everything would fail, the run ends with the reason', async () => {
  const missing = await coffer(['import', '-f', 'nowhere']);
  assert.deepEqual([missing.code, missing.err], [1, 'nowhere: no such file or folder\n']);
  const nothing = await coffer(['import']);
  assert.equal(nothing.code, 1);
  const away = await coffer(['import', '-address=http://127.0.0.1:1', '-f', examples]);
  assert.equal(away.code, 2);
  assert.match(away.err, /Error importing manifests: [\s\S]*127\.0\.0\.1:1/);
});
