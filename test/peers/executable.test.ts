/** The single executable, made as it would be shipped. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeExecutable } from '../../scripts/publish/executable.ts';
import { runCoffer } from './cli-run.ts';
import { smokeConformance } from './package/smoke.ts';
import { newFolder } from './server.ts';

const folder = newFolder();
const program = path.join(folder, 'coffer');

before(() => makeExecutable(program));
after(() => rmSync(folder, { recursive: true, force: true }));

smokeConformance('the executable', () => program);

test('the executable needs nothing beside it: neither this repository nor a Node of the machine', async () => {
  const elsewhere = newFolder();
  try {
    const moved = path.join(elsewhere, 'renamed');
    copyFileSync(program, moved);
    chmodSync(moved, 0o755);
    const { code, out, err } = await runCoffer(['version'], { home: elsewhere, program: moved, env: { PATH: '' } });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Coffer v\d/);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('NODE_OPTIONS of the caller is not obeyed', async () => {
  const home = newFolder();
  try {
    const trace = path.join(home, 'trace');
    const spy = path.join(home, 'spy.cjs');
    writeFileSync(spy, `require('node:fs').writeFileSync(${JSON.stringify(trace)}, 'loaded');`);
    const env = { NODE_OPTIONS: `--require=${spy}`, COFFER_ADDR: 'http://127.0.0.1:1', COFFER_TOKEN: 'none' };
    const { code, err } = await runCoffer(['version'], { home, env, program });
    assert.deepEqual([code, err, existsSync(trace)], [0, '', false]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
