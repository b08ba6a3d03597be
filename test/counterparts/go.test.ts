import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { need } from './counterpart.ts';
import { type GoTools, isNewEnough, locateTools, toolsFolder } from './go.ts';
import { kubernetesFrom } from './kubernetes.ts';

const folderFor = (context: TestContext): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'go-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
};

test('Go 1.26 is new enough, an older one or none is not', () => {
  assert.deepEqual(['go1.26.8\n', 'go1.27rc1', 'go2.0', 'devel go1.27-abc'].map(isNewEnough), [true, true, true, true]);
  assert.deepEqual(['go1.25.9', 'go1.3', 'go0.99', ''].map(isNewEnough), [false, false, false, false]);
});

test('programs are found when whole, and not for another go.sum', context => {
  const cache = folderFor(context);
  const module = path.join(cache, 'module');
  cpSync(path.join(import.meta.dirname, 'kubernetes'), module, { recursive: true });
  const tools: GoTools = { name: 'a-tool', module, programs: {}, linkerFlags: '' };
  mkdirSync(toolsFolder(tools, cache), { recursive: true });
  assert.equal(locateTools(tools, cache), undefined);
  writeFileSync(path.join(toolsFolder(tools, cache), 'complete'), '');
  assert.equal(locateTools(tools, cache), toolsFolder(tools, cache));
  writeFileSync(path.join(module, 'go.sum'), 'other\n');
  assert.equal(locateTools(tools, cache), undefined);
});

test('a folder of ready programs comes first, and what it lacks is named', context => {
  const assets = folderFor(context);
  for (const program of ['etcd', 'kube-apiserver']) writeFileSync(path.join(assets, program), '');
  assert.match(String(need(kubernetesFrom(assets)).skip), /lacks kube-controller-manager, kubectl: put it there/);
  for (const program of ['kube-controller-manager', 'kubectl']) writeFileSync(path.join(assets, program), '');
  assert.deepEqual(need(kubernetesFrom(assets)), { skip: false, path: assets });
});

test('without such a folder the programs are to be built', () => {
  assert.match(kubernetesFrom('').install?.what ?? '', /built from Go modules/);
});
