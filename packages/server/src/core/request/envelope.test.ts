import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { Reply, type ReplyExtras } from '@coffer/schema/row.ts';
import { envelope, envelopeBytes } from './envelope.ts';
import { Exchange } from './exchange.ts';

const raw = new RawJson(new TextEncoder().encode('{"a":"@id@ \\"@data@\\""}'));

const exchangeOf = (type: string | undefined, data: Reply['data'], extras: ReplyExtras = {}): Exchange => {
  const exchange = new Exchange({} as never, '0b7c0c5e-0000-4000-8000-000000000001', 0);
  if (type !== undefined) exchange.mount = { record: { type } } as never;
  exchange.reply = new Reply(data, extras);
  return exchange;
};

const texts = (exchange: Exchange): readonly [quick: string, plain: string] => {
  const decoder = new TextDecoder();
  return [decoder.decode(envelopeBytes(exchange)), decoder.decode(writeJson(envelope(exchange)))];
};

test('an envelope is the same bytes, whether its parts were written before or not', () => {
  const datas = [undefined, {}, { a: '@id@', b: '"@data@"' }, raw, { long: 'ü'.repeat(5000) }];
  const extras: readonly ReplyExtras[] = [
    {},
    { leaseDurationSeconds: 7 },
    { leaseDurationSeconds: 2_764_800 },
    { warnings: ['careful'] },
    { warnings: [] },
    { auth: { client_token: 'x' } },
    { lease: { id: 'l', renewable: true, durationSeconds: 3 } },
  ];
  for (const round of [1, 2])
    for (const type of [undefined, 'kv', 'cubbyhole', 'kv'])
      for (const data of datas)
        for (const extra of extras) {
          const [quick, plain] = texts(exchangeOf(type, data, extra));
          assert.equal(quick, plain, `round ${round}, ${type}, ${JSON.stringify(extra)}`);
        }
});

test('more durations than are remembered are answered rightly all the same', () => {
  for (let seconds = 0; seconds < 600; seconds++) {
    const [quick, plain] = texts(exchangeOf('kv', raw, { leaseDurationSeconds: seconds }));
    assert.equal(quick, plain);
  }
});
