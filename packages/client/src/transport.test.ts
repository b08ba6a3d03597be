import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nodeTransport, readTokenFile } from './node.ts';
import { answerLimitBytes, fetchTransport, type Transport, TransportError, type WireRequest } from './transport.ts';

let server: Server;
let address = '';
const transports: readonly (readonly [string, Transport])[] = [
  ['fetch', fetchTransport(globalThis.fetch)],
  ['node:http', nodeTransport()],
];

before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/reset') return request.socket.destroy();
    if (request.url === '/redirect') return response.writeHead(307, { location: '/elsewhere' }).end();
    if (request.url === '/refused') return response.writeHead(403).end('refused');
    if (request.url === '/flow') {
      response.writeHead(200);
      request.pipe(response);
      return undefined;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () =>
      response
        .writeHead(418, { 'x-seen': `${request.method} ${String(request.headers['x-vault-token'])} ${body}` })
        .end('answer'),
    );
    return undefined;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** Where nobody listens any more. */
const closedAddress = async (): Promise<string> => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  return `http://127.0.0.1:${port}/`;
};

const request = (url: string, more: Partial<WireRequest> = {}): WireRequest => ({
  method: 'PUT',
  url,
  headers: new Map([['x-vault-token', 's.a']]),
  body: new TextEncoder().encode('{}'),
  signal: new AbortController().signal,
  ...more,
});

const failure = async (asked: Promise<unknown>): Promise<TransportError> => {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof TransportError, String(error));
    return error;
  }
  throw new Error('it did not fail');
};

for (const [name, transport] of transports) {
  test(`${name}: any status is an answer, with its headers and body`, async () => {
    const answer = await transport(request(`${address}/v1/a`));
    assert.equal(answer.status, 418);
    assert.equal(answer.headers.get('x-seen'), 'PUT s.a {}');
    assert.equal(new TextDecoder().decode(answer.body), 'answer');
  });

  test(`${name}: a redirect is an answer too, followed by nobody here`, async () => {
    assert.equal((await transport(request(`${address}/redirect`))).headers.get('location'), '/elsewhere');
  });

  test(`${name}: a refused connection was certainly not sent; a reset one may have been`, async () => {
    const refused = await failure(transport(request(await closedAddress())));
    assert.deepEqual([refused.sent, refused.message], [false, 'connection refused']);
    assert.equal((await failure(transport(request(`${address}/reset`)))).sent, true);
  });

  test(`${name}: a body goes out piece by piece, and comes back so`, async () => {
    const sent = Array.from({ length: 50 }, (_, at) => Buffer.alloc(10_000, String(at % 10)));
    const taken: Uint8Array[] = [];
    const source = (async function* () {
      yield* sent;
    })();
    const sink = (piece: Uint8Array): void => void taken.push(piece);
    const answer = await transport(request(`${address}/flow`, { body: undefined, source, sink }));
    assert.deepEqual([answer.status, answer.body.length], [200, 0]);
    assert.ok(Buffer.concat(taken).equals(Buffer.concat(sent)));
  });

  test(`${name}: a refusal is answered whole, whatever was to flow`, async () => {
    const source = (async function* () {
      for (let at = 0; at < 3; at++) yield new Uint8Array(1000);
    })();
    const sink = (): never => assert.fail('a refusal is no answer to take piece by piece');
    const answer = await transport(request(`${address}/refused`, { body: undefined, source, sink }));
    assert.deepEqual([answer.status, new TextDecoder().decode(answer.body)], [403, 'refused']);
  });

  test(`${name}: a source that fails ends the request`, async () => {
    const source = (async function* () {
      yield new Uint8Array(10);
      throw new Error('the disk is gone');
    })();
    await failure(transport(request(`${address}/flow`, { body: undefined, source, sink: () => undefined })));
  });

  test(`${name}: an aborted request ends`, async () => {
    const controller = new AbortController();
    controller.abort();
    await failure(transport(request(address, { signal: controller.signal })));
  });
}

test('an answer without end is cut off', async () => {
  const chunk = new Uint8Array(1_048_576);
  let sent = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: controller => {
      sent += 1;
      controller.enqueue(chunk);
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const transport = fetchTransport(() => Promise.resolve(new Response(endless)));
  assert.match((await failure(transport(request('http://a/')))).message, /larger than/);
  assert.ok(cancelled && sent * chunk.length < answerLimitBytes + 4 * chunk.length);
});

test('the token of a file comes without white space; no file or an empty one is no token', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-token-'));
  try {
    writeFileSync(path.join(folder, 'token'), ' s.a\n');
    writeFileSync(path.join(folder, 'empty'), '\n');
    assert.equal((await readTokenFile(path.join(folder, 'token')))?.revealText(), 's.a');
    assert.equal(await readTokenFile(path.join(folder, 'empty')), undefined);
    assert.equal(await readTokenFile(path.join(folder, 'none')), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
