import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ownPod } from './own-pod.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pod-'));
after(() => rmSync(folder, { recursive: true }));

test('what a pod is given is read anew each time, and elsewhere there is none', async () => {
  const pod = ownPod(folder);
  assert.equal(await pod(), undefined);
  writeFileSync(path.join(folder, 'ca.crt'), 'authority');
  writeFileSync(path.join(folder, 'token'), 'one\n');
  const first = await pod();
  assert.deepEqual([first?.caPem, first?.token.revealText()], ['authority', 'one']);
  writeFileSync(path.join(folder, 'token'), 'two');
  assert.equal((await pod())?.token.revealText(), 'two');
  writeFileSync(path.join(folder, 'token'), 'x'.repeat(70_000));
  await assert.rejects(pod(), /is larger than/);
});
