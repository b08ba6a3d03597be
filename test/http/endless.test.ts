/** Answers that go on until somebody ends them, by the front parser and by the general server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Bed, bedsClosedAfter, RawClient, settle, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);

interface Endless {
  readonly bed: Bed;
  readonly cut: AbortController;
  readonly source: { asked: number; isStopped: boolean };
}

/** One piece at once, then as many as are asked for where `floods`. */
const endless = async (floods = false, begins = Promise.resolve()): Promise<Endless> => {
  const cut = new AbortController();
  const source = { asked: 0, isStopped: false };
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        source.asked++;
        if (source.asked > 1 && !floods) await new Promise(() => {});
        return { done: false, value: Buffer.alloc(floods ? 65_536 : 5, 'a') };
      },
      return: async () => {
        source.isStopped = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const handle = () => begins.then(() => ({ status: 200, headers: [], body, cut: cut.signal }));
  return { bed: await bedWith({ handle }), cut, source };
};

const forms = {
  'the front parser': 'GET /v1/a HTTP/1.1\r\nHost: x\r\n\r\n',
  'the general server': 'GET /v1/a HTTP/1.0\r\nHost: x\r\n\r\n',
};

for (const [by, request] of Object.entries(forms)) {
  test(`${by}: pieces leave as they come, and a client that is gone is told to the source`, async () => {
    const { bed, source } = await endless();
    const client = RawClient.to(bed);
    client.send(request);
    await until(() => client.received.includes('aaaaa'));
    assert.equal(source.isStopped, false);
    client.socket.destroy();
    await until(() => source.isStopped);
  });

  test(`${by}: where it is cut, the connection ends, also one that takes nothing`, async () => {
    const { bed, cut, source } = await endless(true);
    const client = RawClient.to(bed);
    client.send(request);
    await client.hears(1);
    client.socket.pause();
    let before = -1;
    while (before !== source.asked) {
      before = source.asked;
      await settle();
    }
    assert.ok(source.asked < 1_000, 'a client that does not read is not written for');
    cut.abort();
    await until(() => source.isStopped);
    client.socket.resume();
    await client.ended();
  });

  test(`${by}: no deadline ends it`, async () => {
    const { bed } = await endless();
    const client = RawClient.to(bed);
    client.send(request);
    await until(() => client.received.includes('aaaaa'));
    bed.clock.turn(3_600_000);
    await settle();
    assert.equal(client.isEnded, false);
    client.socket.destroy();
  });
}

for (const [by, request] of Object.entries(forms)) {
  test(`${by}: who closes its side before the answer begins gets no answer without an end`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { bed, source } = await endless(false, promise);
    const client = RawClient.to(bed);
    client.send(request);
    client.socket.end();
    for (let turn = 0; turn < 5; turn++) await settle();
    resolve();
    await until(() => source.isStopped);
    await client.ended();
  });
}

test('a stream that ends while the listener closes leaves no idle connection behind', async () => {
  let end = (): void => {};
  const ended = new Promise<void>(done => (end = done));
  const body = (async function* () {
    yield Buffer.from('aaaaa');
    await ended;
  })();
  const bed = await bedWith({
    handle: async () => ({ status: 200, headers: [], body, cut: new AbortController().signal }),
  });
  const client = RawClient.to(bed);
  client.send(forms['the front parser']);
  await until(() => client.received.includes('aaaaa'));
  const closed = bed.server.close(1_000_000);
  end();
  await client.ended();
  client.socket.destroy();
  await closed;
});

test('a client that closes its side wants no more of it', async () => {
  const { bed, source } = await endless();
  const client = RawClient.to(bed);
  client.send(forms['the front parser']);
  await until(() => client.received.includes('aaaaa'));
  client.socket.end();
  await until(() => source.isStopped);
});
