import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadOrder, RequestPlan, Shape } from './plan.ts';
import { requestsOf } from './requests.ts';

const plan: RequestPlan = {
  method: 'POST',
  path: '/v1/a/{n}',
  body: undefined,
  keys: 3,
  order: 'sequence',
  status: 200,
};

const order = (more: Partial<RequestPlan>, stock?: readonly string[]): LoadOrder => ({
  host: 'h',
  port: 1,
  token: 't',
  connections: 1,
  plan: { ...plan, ...more },
  ...(stock === undefined ? {} : { stock }),
});

const shape: Shape = { valueBytes: 4, distribution: 'uniform' };

const head = 'HTTP/1.1\r\nHost: h:1\r\nX-Vault-Token: t\r\nX-Vault-Request: true\r\n';

test('numbers of keys stand in path and body, whose length is told', () => {
  const next = requestsOf(order({ body: '{"n":{n}}' }), shape);
  const [first, second] = [next().toString(), next().toString()];
  const type = 'Content-Type: application/json\r\n';
  assert.equal(first, `POST /v1/a/0 ${head}${type}Content-Length: 7\r\n\r\n{"n":0}`);
  assert.equal(second, `POST /v1/a/1 ${head}${type}Content-Length: 7\r\n\r\n{"n":1}`);
});

test('each request names the next piece of the stock, and the first again behind the last', () => {
  const next = requestsOf(order({ path: '/v1/a', body: '"{s}"' }, ['one', 'three']), shape);
  const bodies = [next(), next(), next()].map(bytes => bytes.toString().split('\r\n\r\n')[1]);
  assert.deepEqual(bodies, ['"one"', '"three"', '"one"']);
});

test('headers of a plan are sent as they are', () => {
  const next = requestsOf(order({ method: 'GET', headers: { 'X-Vault-Wrap-TTL': '600' } }), shape);
  assert.equal(next().toString(), `GET /v1/a/0 ${head}X-Vault-Wrap-TTL: 600\r\n\r\n`);
});

test('the value of a body is as long as the run wants it', () => {
  const next = requestsOf(order({ body: '{"value":"{v}"}' }), { ...shape, valueBytes: 6 });
  assert.ok(next().toString().endsWith('Content-Length: 18\r\n\r\n{"value":"vvvvvv"}'));
});

test('keys in random order come as the distribution has it', () => {
  const next = requestsOf(order({ keys: 1000, order: 'random' }), { ...shape, distribution: 'zipf' });
  const paths = Array.from({ length: 1000 }, () => next().toString().split(' ')[1]);
  assert.ok(paths.filter(path => path === '/v1/a/0').length > 50);
});
