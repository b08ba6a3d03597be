/** What is answered before or beside the pipeline: refusals of the front parser, and answers of the general server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { bedsClosedAfter, RawClient } from './bed.ts';

const bedWith = bedsClosedAfter(after);

const strict = /\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains\r\n/;

test('a method that nothing is asked with is 405 with an empty list of errors, and so is CONNECT', async () => {
  const bed = await bedWith();
  for (const line of ['FOO /v1/a', 'PROPFIND /v1/a', 'TRACE /v1/a', 'CONNECT h:443']) {
    const client = RawClient.to(bed);
    client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.ended();
    assert.deepEqual(client.statuses, [405], line);
    assert.match(client.received, /\r\n\r\n\{"errors":\[\]\}$/, line);
    client.socket.destroy();
  }
  assert.equal(bed.seen.length, 0);
});

test('what is refused before the pipeline tells browsers to stay with TLS, as every answer does', async () => {
  const bed = await bedWith({
    handle: async () => {
      throw new Error('bug');
    },
  });
  const cases = [
    ['GET /v1/a HTTP/1.1\r\n\r\n', 400],
    [`GET /v1/${'a'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['FOO /v1/a HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['GET ?x HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['GET /v1/a HTTP/1.1\r\nHost: x\r\n\r\n', 500],
  ] as const;
  for (const [bytes, status] of cases) {
    const client = RawClient.to(bed);
    client.send(bytes);
    await client.hears(1);
    assert.deepEqual(client.statuses, [status], bytes.slice(0, 60));
    assert.match(client.received, strict, bytes.slice(0, 60));
    client.socket.destroy();
  }
});

test('an answer without content has no length, also where the general server gives it', async () => {
  const bed = await bedWith({
    handle: async request => {
      await request.body(100);
      return { status: 204, headers: [], body: undefined };
    },
  });
  const client = RawClient.to(bed);
  client.send('POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n');
  await client.ended();
  assert.deepEqual(client.statuses, [204]);
  assert.doesNotMatch(client.received, /Content-Length|Transfer-Encoding/);
  assert.match(client.received, /\r\n\r\n$/);
  client.socket.destroy();
});
