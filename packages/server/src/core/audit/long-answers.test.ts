import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import type { Out } from '@coffer/schema/out.ts';
import { HmacKey } from '../../platform/crypto/hash.ts';
import { AuditHasher } from './hashing.ts';
import { LongAnswers, pieceLength } from './long-answers.ts';

const hasher = new AuditHasher(new HmacKey(new TextEncoder().encode('salt')));
const none: ReadonlySet<string> = new Set();
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `name "${index}"`);
const infos = (count: number): Map<string, Out> =>
  new Map(names(count).map(name => [name, new RawJson(writeJson({ at: '2026-01-01T00:00:00Z', owner: name, n: 1 }))]));

test('S13: a long answer is hashed to the same text as in one piece, with a turn between two pieces', async () => {
  const answers: readonly { readonly [name: string]: Out }[] = [
    { keys: names(pieceLength * 3 + 1) },
    { keys: names(pieceLength * 2), key_info: infos(pieceLength * 2), total: 7, none: undefined },
    { first: 'x', keys: names(pieceLength + 1), key_info: infos(3), empty: new Map<string, Out>() },
  ];
  for (const answer of answers)
    for (const plain of [none, new Set(['keys']), new Set(['key_info']), new Set(['owner'])]) {
      const long = new LongAnswers(hasher);
      let turns = 0;
      let isDone = false;
      const count = (): void => {
        turns++;
        if (!isDone) setImmediate(count);
      };
      setImmediate(count);
      await long.prepare(answer, plain);
      isDone = true;
      assert.equal(long.text(answer), hasher.answer(answer, plain));
      assert.ok(turns >= 2, String(turns));
    }
});

test('an answer that is not long is hashed when its record is made', () => {
  const long = new LongAnswers(hasher);
  const answers: readonly Out[] = [{ keys: names(pieceLength) }, { a: 'b' }, undefined, null, 'text', [1], new Map()];
  for (const answer of [...answers, new RawJson(writeJson({ keys: ['a'] }))]) {
    assert.equal(long.prepare(answer, none), undefined);
    assert.equal(long.text(answer), undefined);
  }
});
