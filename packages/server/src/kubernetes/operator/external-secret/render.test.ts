import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataOfTexts } from './bed.ts';
import type { RenderResult } from './decide.ts';
import { Renderer } from './render.ts';
import { seenExternalSecret } from './seen-external-secret.ts';

const encoder = new TextEncoder();
const renderer = new Renderer(
  () =>
    ({ text }) =>
      encoder.encode(`made of ${text}`),
);

const rendered = (template: object): RenderResult => {
  const seen = seenExternalSecret({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: 'shop' },
    spec: { secretStoreRef: { name: 'x' }, target: { template }, dataFrom: [{ extract: { key: 'a' } }] },
  });
  return renderer.render(seen, dataOfTexts({ password: 'p' }));
};

const keysWith = (template: object): readonly string[] => {
  const result = rendered(template);
  return result.kind === 'rendered' ? [...result.rendered.data.keys()] : [];
};

test('a template without keys of its own leaves what was read; one with keys takes its place, unless it merges', () => {
  assert.deepEqual(keysWith({ type: 'Opaque' }), ['password']);
  assert.deepEqual(keysWith({ data: {} }), ['password']);
  assert.deepEqual(keysWith({ data: { dsn: 'x' } }), ['dsn']);
  assert.deepEqual(keysWith({ mergePolicy: 'Merge', data: { dsn: 'x' } }), ['password', 'dsn']);
});

test('there are only so many templates', () => {
  const data = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 'x']));
  assert.deepEqual(rendered({ data }), { kind: 'failed', message: 'more than 1000 templates' });
});
