import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { CofferError } from '@coffer/schema/errors.ts';
import type { SocketMessage } from '@coffer/schema/row.ts';
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import { realClock } from '../../platform/clock/real.ts';
import { Calls } from '../../platform/threads/calls.ts';
import { Doer } from './doer.ts';
import type { AskedOfDoer, AskedOfTaker } from './messages.ts';
import { Taker } from './taker.ts';

/** Two threads' ends, over a real channel. */
const between = (handle: Handle) => {
  const { port1, port2 } = new MessageChannel();
  const taker = new Taker(realClock());
  const toDoer = new Calls<AskedOfTaker, AskedOfDoer>(port1, taker.asked);
  const doer: Doer = new Doer(handle, () => toTaker);
  const toTaker = new Calls<AskedOfDoer, AskedOfTaker>(port2, doer.asked);
  return {
    doer,
    ask: (wire: WireRequest, limitBytes?: number) => taker.handOver(toDoer, wire, limitBytes),
    close: () => {
      port1.close();
      port2.close();
    },
  };
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const request = (more: Partial<WireRequest> = {}): WireRequest => ({
  method: 'POST',
  rawTarget: '/v1/a?b=%20',
  headers: new Map([['x-vault-token', 't\u00e9']]),
  peer: { address: '10.0.0.1', port: 17, secure: true },
  body: () => bytesOf('body'),
  pieces: async function* () {
    yield bytesOf('pie');
    yield bytesOf('ces');
  },
  ...more,
});

const answer = (body: WireAnswer['body'], more: Partial<WireAnswer> = {}): WireAnswer => ({
  status: 200,
  headers: [['X-One', '1']],
  body,
  ...more,
});

test('everything of a request arrives, and everything of its answer comes back', async () => {
  let got: WireRequest | undefined;
  const { ask, close } = between(async wire => {
    got = wire;
    // A part of something larger: what lies around it stays here.
    return { ...answer(bytesOf('[whole answer]').subarray(1, 13)), status: 201 };
  });
  const told = await ask(request({ opens: new Set(['metrics']), upgrades: true }));
  assert.equal(told.status, 201);
  assert.deepEqual(told.headers, [['X-One', '1']]);
  assert.equal(textOf(told.body as Uint8Array), 'whole answer');
  assert.equal((told.body as Uint8Array).buffer.byteLength, 12);
  assert.equal(got?.method, 'POST');
  assert.equal(got.rawTarget, '/v1/a?b=%20');
  assert.equal(got.headers.get('x-vault-token'), 't\u00e9');
  assert.deepEqual([got.peer.address, got.peer.port, got.peer.secure], ['10.0.0.1', 17, true]);
  assert.deepEqual(got.opens, new Set(['metrics']));
  assert.equal(got.upgrades, true);
  close();
});

test('a body goes along, or is fetched, or is refused as it would be here', async () => {
  const { ask, close } = between(async wire => answer(await wire.body(8)));
  const bodyOf = async (more: Partial<WireRequest>, limit?: number): Promise<string> =>
    textOf((await ask(request(more), limit)).body as Uint8Array);
  assert.equal(await bodyOf({}, 8), 'body');
  assert.equal(await bodyOf({}), 'body');
  assert.equal(await bodyOf({ body: async () => bytesOf('late') }, 8), 'late');
  const tooLarge = new CofferError('body_too_large', 'request body too large');
  await assert.rejects(bodyOf({ body: () => Promise.reject(tooLarge) }, 8), { code: 'body_too_large' });
  const refused = (): never => {
    throw tooLarge;
  };
  await assert.rejects(bodyOf({ body: refused }, 8), { code: 'body_too_large' });
  await assert.rejects(bodyOf({ body: () => bytesOf('more than eight') }, 20), { code: 'body_too_large' });
  close();
});

test('a body that comes piece by piece is asked for piece by piece', async () => {
  const { ask, close } = between(async wire => {
    const all: string[] = [];
    for await (const piece of wire.pieces(10)) all.push(textOf(piece));
    return answer(bytesOf(all.join('|')));
  });
  assert.equal(textOf((await ask(request())).body as Uint8Array), 'pie|ces');
  close();
});

test('an answer that comes piece by piece is fetched at the pace of who reads it, and stops with it', async () => {
  let made = 0;
  let isStopped = false;
  const { ask, close } = between(async () =>
    answer(
      (async function* () {
        try {
          for (;;) yield bytesOf(String(++made));
        } finally {
          isStopped = true;
        }
      })(),
    ),
  );
  const told = await ask(request());
  const got: string[] = [];
  for await (const piece of told.body as AsyncIterable<Uint8Array>) if (got.push(textOf(piece)) === 3) break;
  assert.deepEqual(got, ['1', '2', '3']);
  assert.equal(made, 3);
  for (let turns = 0; turns < 100; turns++) await new Promise(done => setImmediate(done));
  assert.equal(isStopped, true);
  close();
});

test('messages of a WebSocket come as they are, and an end by the other thread is one here', async () => {
  const cut = new AbortController();
  const messages: SocketMessage[] = [
    { kind: 'text', bytes: bytesOf('one') },
    { kind: 'close', code: 1000, reason: 'done' },
  ];
  const { ask, close } = between(async () => ({
    status: 101,
    headers: [],
    body: undefined,
    cut: cut.signal,
    messages: (async function* () {
      yield* messages;
    })(),
  }));
  const told = await ask(request());
  const got: SocketMessage[] = [];
  for await (const message of told.messages ?? []) got.push(message);
  assert.deepEqual(got, messages);
  const again = await ask(request());
  assert.equal(again.cut?.aborted, false);
  cut.abort();
  await new Promise(done => again.cut?.addEventListener('abort', done));
  close();
});

test('an end that comes before its answer is not lost', async () => {
  const cut = AbortSignal.abort();
  const { ask, close } = between(async () => answer((async function* () {})(), { cut }));
  const told = await ask(request());
  assert.equal(told.cut?.aborted, false);
  await new Promise(done => told.cut?.addEventListener('abort', done));
  close();
});

test('a source that fails fails here', async () => {
  const { ask, close } = between(async () =>
    answer(
      (async function* () {
        yield bytesOf('one');
        throw new CofferError('storage_failed', 'gone');
      })(),
    ),
  );
  const told = await ask(request());
  await assert.rejects(Array.fromAsync(told.body as AsyncIterable<Uint8Array>), { code: 'storage_failed' });
  close();
});

test('who waits no longer is known to be gone', async () => {
  let isGone = false;
  const { ask, close } = between(async wire => {
    while (wire.peer.isGone?.() !== true) await new Promise(done => setTimeout(done, 5));
    return answer(undefined);
  });
  const asking = ask(request({ peer: { address: '', port: 1, secure: false, isGone: () => isGone } }));
  isGone = true;
  assert.equal((await asking).status, 200);
  close();
});

test('when the thread that took requests in is gone, what was for it stops', async () => {
  let isStopped = false;
  const { ask, doer, close } = between(async () =>
    answer(
      (async function* () {
        try {
          for (;;) yield bytesOf('x');
        } finally {
          isStopped = true;
        }
      })(),
    ),
  );
  const source = ((await ask(request())).body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await source.next();
  doer.end();
  await new Promise(done => setImmediate(done));
  assert.equal(isStopped, true);
  close();
});
