import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonBytes, parseJson } from '@coffer/client/json.ts';
import { isObject } from '@coffer/client/members.ts';
import { readYaml, toYaml } from '../platform/yaml.ts';
import { changeOf } from './change.ts';
import { entriesOf, factsOf } from './custom-metadata.ts';
import { Found } from './found.ts';
import { anySecret, Dice } from './generate.ts';
import type { KubeSecret } from './kube-secret.ts';
import { manifestOf } from './manifest.ts';
import { Objects } from './objects.ts';
import { recordOf, secretFrom } from './record.ts';

const runs = 400;
const seed = Number(process.env['COFFER_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const choice = {
  namespace: 'default',
  skippedAnnotations: new Set<string>(),
  withServiceAccountTokens: false,
  withHelmReleases: false,
};

const readBack = (text: string): KubeSecret => {
  const found = new Found();
  const objects = new Objects(found, choice);
  for (const document of readYaml(new TextEncoder().encode(text))) objects.take(document, 'x.yaml');
  assert.deepEqual(found.refused, []);
  assert.equal(found.secrets.length, 1);
  return found.secrets[0]?.secret as KubeSecret;
};

/** Through the JSON of the API, as the store gives it back. */
const stored = (secret: KubeSecret) => {
  const record = recordOf(secret, 'x.yaml:1');
  const data = parseJson(jsonBytes(record.values));
  assert.ok(isObject(data));
  return { record, data, entries: entriesOf(record.facts) };
};

test('import, then export gives the same Secret: bytes, type, labels, annotations, immutable', () => {
  for (let run = 0; run < runs; run += 1) {
    const secret = anySecret(new Dice(seed + run));
    const { data, entries } = stored(secret);
    const back = secretFrom(data, factsOf(entries));
    assert.deepEqual(back, secret, `COFFER_TEST_SEED=${seed} run ${run}`);
    assert.deepEqual(readBack(toYaml(manifestOf(back))), secret, `YAML: COFFER_TEST_SEED=${seed} run ${run}`);
    assert.deepEqual(readBack(JSON.stringify(manifestOf(back))), secret, `JSON: COFFER_TEST_SEED=${seed} run ${run}`);
  }
});

test('a second import changes nothing, whatever the content', () => {
  for (let run = 0; run < runs; run += 1) {
    const { record, data, entries } = stored(anySecret(new Dice(seed + run)));
    const change = changeOf(record, { version: 1, data, facts: factsOf(entries) });
    assert.equal(change.action, 'unchanged', `COFFER_TEST_SEED=${seed} run ${run}`);
  }
});

test('entries keep within what the store allows', () => {
  for (let run = 0; run < runs; run += 1) {
    const { entries } = stored(anySecret(new Dice(seed + run)));
    assert.ok(entries.size <= 64);
    for (const [name, value] of entries) {
      assert.ok(name.length > 0 && name.length <= 128 && value.length > 0 && value.length <= 512);
      assert.match(name + value, /^[\x20-\x7e]+$/);
    }
  }
});
