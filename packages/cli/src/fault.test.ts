import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultText } from './fault.ts';

test('S11: a fault tells where it happened, never its message', () => {
  const text = faultText(new TypeError('canary\nof two lines'));
  assert.match(text, /TypeError/);
  assert.match(text, /fault\.test\.ts/);
  assert.ok(!text.includes('canary') && !text.includes('two lines'));
  assert.ok(!faultText('canary').includes('canary'));
});
