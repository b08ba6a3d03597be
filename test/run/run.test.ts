import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeTestHome } from './environment.ts';
import { addUp, forbidSkips, type StageResult } from './result.ts';
import { suiteStage } from './suite.ts';

/** Runs one test file with this text as the run does it. */
const runText = async (context: TestContext, text: string, limitSeconds = 30): Promise<StageResult> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'run-'));
  const home = makeTestHome({ ...process.env, VAULT_TOKEN: 'outer', COFFER_ADDR: 'outer' });
  context.after(() => {
    rmSync(folder, { recursive: true });
    home.remove();
  });
  const file = path.join(folder, 'a.test.mjs');
  writeFileSync(file, `import { test, describe } from 'node:test';\nimport assert from 'node:assert/strict';\n${text}`);
  return suiteStage({ name: 'sample', files: [file], limitSeconds }, home).run();
};

const counts = (result: StageResult): number[] => Object.values(addUp([result]));

test('passed, failed and skipped tests are counted, a suite is not a test', async context => {
  const result = await runText(
    context,
    `test('a', context => context.diagnostic('took 1 s'));
     test('b', () => assert.equal(1, 2));
     test('c', { skip: 'no peer' }, () => {});
     describe('d', () => { test('e', () => {}); test('f', () => assert.fail('inner')); });`,
  );
  assert.deepEqual(counts(result), [2, 2, 1]);
  assert.match(result.failures[0]?.title ?? '', /^b \(.*a\.test\.mjs:\d+\)$/);
  assert.match(result.failures[1]?.detail ?? '', /inner/);
  assert.equal(result.skips[0]?.detail, 'no peer');
  assert.deepEqual(result.notes, ['took 1 s']);
});

test('a file that does not load is a failure', async context => {
  const result = await runText(context, "import './nowhere.mjs'; test('a', () => {});");
  assert.equal(counts(result)[0], 0);
  assert.match(result.failures[0]?.detail ?? '', /nowhere\.mjs/);
});

test('a process that dies in the middle is a failure, with its last words', async context => {
  const result = await runText(
    context,
    "test('a', () => { console.error('last words'); process.kill(process.pid, 'SIGKILL'); });",
  );
  assert.deepEqual(counts(result), [0, 1, 0]);
  assert.match(result.failures[0]?.detail ?? '', /SIGKILL.*before its tests did[\s\S]*last words/);
});

test('a process that calls exit with success before its tests end is a failure', async context => {
  const result = await runText(context, "test('a', () => {}); test('b', async () => { process.exit(0); });");
  assert.equal(counts(result)[1], 1);
});

test('a process that stays alive is ended and told', async context => {
  const result = await runText(context, "test('a', () => { setInterval(() => {}, 1000); });", 2);
  assert.deepEqual(counts(result), [1, 1, 0]);
  assert.match(result.failures[0]?.detail ?? '', /stayed alive|did not end/);
});

test('a process left running is ended and told', async context => {
  const result = await runText(
    context,
    `import { spawn } from 'node:child_process';
     test('a', () => { spawn('sleep', ['600'], { stdio: 'ignore' }).unref(); });`,
  );
  assert.match(result.failures[0]?.detail ?? '', /left processes running/);
});

test('tests see a home of their own and nothing of the caller', async context => {
  const result = await runText(
    context,
    `test('a', () => {
       const seen = Object.keys(process.env).filter(name => /^(VAULT|COFFER)_/.test(name));
       assert.deepEqual(seen, ['COFFER_CACHE']);
       assert.match(process.env.HOME, /coffer-test-/);
       assert.equal(process.version, ${JSON.stringify(process.version)});
     });`,
  );
  assert.deepEqual(counts(result), [1, 0, 0]);
});

test('where skips are forbidden, each is a failure that says what was missing', () => {
  const skipped = { title: 'a', detail: 'no peer' };
  const result = forbidSkips({ name: 's', passed: 1, failures: [], skips: [skipped], notes: [], seconds: 0 });
  assert.deepEqual(addUp([result]), { passed: 1, failed: 1, skipped: 0 });
  assert.match(result.failures[0]?.detail ?? '', /no peer/);
});
