/** The known ways to make two parsers disagree about where a request ends, one by one: each is refused, none handed on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bed, RawClient, settle, startBed } from '../http/bed.ts';

let bed: Bed;
before(async () => {
  bed = await startBed();
});
after(async () => {
  const closed = bed.server.close(0);
  bed.clock.turn(1000);
  await closed;
});

const smuggled = 'GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const chunkedBody = `0\r\n\r\n${smuggled}`;
const post = (fields: string, body = chunkedBody): string => `POST /v1/a HTTP/1.1\r\nHost: x\r\n${fields}\r\n${body}`;

const vectors: { readonly [name: string]: string } = {
  'CL.TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n'),
  'TE.CL': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n'),
  'CL.0 with TE': post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n'),
  'TE.TE': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n'),
  'TE.TE twice chunked': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'),
  'TE chunked, chunked': post('Transfer-Encoding: chunked, chunked\r\n'),
  'TE chunked, identity': post('Transfer-Encoding: chunked, identity\r\n'),
  'TE gzip, chunked': post('Transfer-Encoding: gzip, chunked\r\n'),
  'TE xchunked': post('Transfer-Encoding: xchunked\r\n'),
  'TE chunkedx': post('Transfer-Encoding: chunkedx\r\n'),
  'TE quoted': post('Transfer-Encoding: "chunked"\r\n'),
  'TE empty': post('Transfer-Encoding:\r\n'),
  'TE with parameter': post('Transfer-Encoding: chunked;q=1\r\n'),
  'TE before a space and colon': post('Transfer-Encoding : chunked\r\n'),
  'TE before a tab and colon': post('Transfer-Encoding\t: chunked\r\n'),
  'TE with a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n'),
  'TE with a form feed': post('Transfer-Encoding: chunked\x0c\r\n'),
  'TE with a NUL': post('Transfer-Encoding: chunked\x00\r\n'),
  'TE after a bare CR': post('X: y\rTransfer-Encoding: chunked\r\n'),
  'TE after a bare LF': post('X: y\nTransfer-Encoding: chunked\r\n'),
  'TE folded': post('Transfer-Encoding:\r\n chunked\r\n'),
  'TE in a folded line': post('X: y\r\n Transfer-Encoding: chunked\r\n'),
  'TE behind a leading space': post(' Transfer-Encoding: chunked\r\n'),
  'TE behind a leading tab': post('\tTransfer-Encoding: chunked\r\n'),
  'TE with HTTP/1.0': `POST /v1/a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody}`,
  'CL.CL same': post('Content-Length: 5\r\nContent-Length: 5\r\n'),
  'CL.CL different': post('Content-Length: 5\r\nContent-Length: 0\r\n'),
  'CL list': post('Content-Length: 5, 5\r\n'),
  'CL plus': post('Content-Length: +5\r\n'),
  'CL minus': post('Content-Length: -5\r\n'),
  'CL inner space': post('Content-Length: 5 0\r\n'),
  'CL hex': post('Content-Length: 0x5\r\n'),
  'CL exponent': post('Content-Length: 5e0\r\n'),
  'CL decimal point': post('Content-Length: 5.0\r\n'),
  'CL empty': post('Content-Length:\r\n'),
  'CL underscore': post('Content-Length: 5_0\r\n'),
  'CL beyond every number': post(`Content-Length: ${'9'.repeat(30)}\r\n`),
  'CL wraps at 2^64': post('Content-Length: 18446744073709551621\r\n'),
  'CL other digits': post('Content-Length: \xd9\xa5\r\n'),
  'CL before a space and colon': post('Content-Length : 5\r\n'),
  'CL folded': post('Content-Length:\r\n 5\r\n'),
  'CL with a NUL': post('Content-Length: 5\x00\r\n'),
  'bare LF everywhere': post('Content-Length: 5\r\n').replaceAll('\r\n', '\n'),
  'bare LF after the request line': 'GET /v1/a HTTP/1.1\nHost: x\r\n\r\n',
  'bare LF after a field': 'GET /v1/a HTTP/1.1\r\nHost: x\n\r\n',
  'bare LF as the empty line': `GET /v1/a HTTP/1.1\r\nHost: x\r\n\n${smuggled}`,
  'bare CR as the empty line': `GET /v1/a HTTP/1.1\r\nHost: x\r\n\r${smuggled}`,
  'CR CR LF': `GET /v1/a HTTP/1.1\r\nHost: x\r\r\n\r\n${smuggled}`,
  'no Host': 'GET /v1/a HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /v1/a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n',
  'Host with user information': 'GET /v1/a HTTP/1.1\r\nHost: a@b\r\n\r\n',
  'Host with a path': 'GET /v1/a HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'Host with a space': 'GET /v1/a HTTP/1.1\r\nHost: a b\r\n\r\n',
  'a field without a name': 'GET /v1/a HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
  'a field without a colon': 'GET /v1/a HTTP/1.1\r\nHost: x\r\ny\r\n\r\n',
  'a control character in a name': 'GET /v1/a HTTP/1.1\r\nHost: x\r\nX\x01: y\r\n\r\n',
  'a control character in a value': 'GET /v1/a HTTP/1.1\r\nHost: x\r\nX: \x1b[2J\r\n\r\n',
  'two spaces in the request line': 'GET  /v1/a HTTP/1.1\r\nHost: x\r\n\r\n',
  'a tab in the request line': 'GET\t/v1/a HTTP/1.1\r\nHost: x\r\n\r\n',
  'a space after the version': 'GET /v1/a HTTP/1.1 \r\nHost: x\r\n\r\n',
  'a space in the target': 'GET /v1/a b HTTP/1.1\r\nHost: x\r\n\r\n',
  'a control character in the target': 'GET /v1/a\x01 HTTP/1.1\r\nHost: x\r\n\r\n',
  'bytes above ASCII in the target': 'GET /v1/\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP/0.9': 'GET /v1/a\r\n\r\n',
  'HTTP/2.0': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/1.2': 'GET /v1/a HTTP/1.2\r\nHost: x\r\n\r\n',
  'lower-case version': 'GET /v1/a http/1.1\r\nHost: x\r\n\r\n',
  'no method': ' /v1/a HTTP/1.1\r\nHost: x\r\n\r\n',
  'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'LIST with a chunked body': `LIST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody}`,
  'SCAN with a chunked body': `SCAN /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody}`,
  'LIST with Expect': 'LIST /v1/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n',
  'LIST with HTTP/1.0': 'LIST /v1/a HTTP/1.0\r\n\r\n',
  'LIST in absolute form': 'LIST http://x/v1/a HTTP/1.1\r\nHost: x\r\n\r\n',
};

const answered =
  /^HTTP\/1\.1 400 Bad Request\r\nCache-Control: no-store\r\nStrict-Transport-Security: [^\r]+\r\nContent-Type: application\/json\r\n[^]*\r\nConnection: close\r\n\r\n\{"errors":\["[^"]+"\]\}$/;

for (const [name, bytes] of Object.entries(vectors)) {
  test(`smuggling, ${name}: refused with 400, and the connection closes`, async () => {
    for (const cut of [bytes.length, bytes.length >> 1, bytes.length - 1, 3]) {
      const client = RawClient.to(bed);
      client.send(bytes.slice(0, cut));
      await new Promise(done => setImmediate(done));
      client.send(bytes.slice(cut) + smuggled);
      await client.ended();
      assert.match(client.received, answered, `cut ${cut}`);
      client.socket.destroy();
    }
    assert.deepEqual(bed.seen, []);
  });
}

test('smuggling: a bare LF is refused when it comes, not when the head ends', async () => {
  for (const [first, second] of [
    ['GET /v1/a HTTP/1.1\r\nHos', 't: x\nX'],
    ['GET /v1/a HTTP/1.1\r\nHost: x', '\n'],
    ['GET /v1/a HTTP/1.1\r\nHost: x\r\n', '\n'],
  ]) {
    const client = RawClient.to(bed);
    client.send(first ?? '');
    await settle();
    client.send(second ?? '');
    await client.ended();
    assert.match(client.received, answered);
    client.socket.destroy();
  }
});

test('smuggling: a chunked body with bad chunks is never seen as a request, nor is what follows', async () => {
  const bad = [
    '5\nhello\r\n0\r\n\r\n',
    '-5\r\nhello\r\n0\r\n\r\n',
    '0x5\r\nhello\r\n0\r\n\r\n',
    '5 \r\nhelloX\r\n0\r\n\r\n',
    '\r\n0\r\n\r\n',
    '5\r\nhelloX\r\n0\r\n\r\n',
  ];
  bad.push(
    'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    '5;\nx\r\nhello\r\n0\r\n\r\n',
    '0\r\nX : y\r\n\r\n',
    '0\r\n X: y\r\n\r\n',
  );
  for (const body of bad) {
    const client = RawClient.to(bed);
    client.send(post('Transfer-Encoding: chunked\r\n', body + smuggled));
    await client.ended();
    client.socket.destroy();
  }
  assert.deepEqual(bed.seen, []);
});

test('smuggling: after a request that went the general way nothing on that connection is seen', async () => {
  const general = [
    'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET /v1/a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
  ];
  for (const bytes of general) {
    const client = RawClient.to(bed);
    client.send(bytes + smuggled + smuggled);
    await client.ended();
    assert.deepEqual(client.statuses, [200], bytes);
    client.socket.destroy();
  }
  assert.deepEqual(
    bed.seen.map(({ target }) => target),
    ['/v1/a', '/v1/a'],
  );
});
