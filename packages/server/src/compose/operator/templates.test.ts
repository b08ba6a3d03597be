import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRendering } from './templates.ts';

const busy = { name: 'a', text: '{{ range until 100000 }}{{ end }}' };

test('the templates of one object share the limits, and no object pays for another one', () => {
  const rendering = makeRendering();
  for (let object = 0; object < 3; object++) {
    const render = rendering();
    assert.throws(
      () => {
        for (let i = 0; i < 10; i++) render(busy, new Map());
      },
      { code: 'invalid_request', message: /limit steps/ },
    );
  }
  const render = rendering();
  assert.equal(render(busy, new Map()).length, 0);
});
