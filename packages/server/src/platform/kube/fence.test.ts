import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenced } from './fence.ts';

test('who does not lead any more writes nothing, and may still look', async () => {
  let isHeld = true;
  const calls: string[] = [];
  const noting = (verb: string) => async () => void calls.push(verb);
  const verbs = ['get', 'list', 'watch', 'pages', 'ask', 'create', 'apply', 'mergePatch', 'remove'] as const;
  const kube = fenced(Object.fromEntries(verbs.map(verb => [verb, noting(verb)])) as never, () => isHeld);
  const callAll = () => Promise.allSettled(verbs.map(async verb => (kube[verb] as () => Promise<void>)()));
  await callAll();
  assert.deepEqual(calls, verbs);
  isHeld = false;
  const refused = (await callAll()).flatMap((one, i) => (one.status === 'rejected' ? [verbs[i]] : []));
  assert.deepEqual(refused, ['create', 'apply', 'mergePatch', 'remove']);
  assert.equal(calls.length, 2 * verbs.length - refused.length);
});
