import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataHash, metadataHash, textHash } from './go-text.ts';

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

test('data hashes as Go prints and sorts it', () => {
  const data = new Map([
    ['\uFFFD', bytes(4)],
    ['\u{1F600}', bytes(3)],
    ['k2', bytes()],
    ['k1', bytes(104, 105)],
    ['a-b', bytes(0, 255)],
    ['é', bytes(1)],
    ['Z', bytes(2)],
  ]);
  // `%+v` and `crypto/sha3` of Go 1.26.
  assert.equal(dataHash(data), 'fe0ad57afbb0f386829e0cbd48defe30d3b563977d89b293e5c51179');
  assert.equal(dataHash(new Map()), '74a974446e359fb3e6baff9bd0058950e6edd0f040888d9989b0a11b');
});

test('a name, and labels and annotations, hash as Go prints them', () => {
  assert.equal(textHash('ns/name'), 'bb23d4143f48a70026bb6cffbf0e5df5557eb3bc56885091e92a5690');
  assert.equal(
    metadataHash({ annotations: { b: 'x y', a: '' } }),
    'eadd89ccb6d61dd48dda8fb4f337a7f05824e606c327b7135f61abdf',
  );
});
