/** Slow cryptography as an engine meets it: what it declares, whom it waits for, and what sealing does to it. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../packages/server/src/contracts/engine.ts';
import type { RsaBits, Slow } from '../../packages/server/src/contracts/slow.ts';
import { slowLimits } from '../../packages/server/src/core/slow/queue.ts';
import { slow } from '../../packages/server/src/platform/crypto/slow.ts';
import { EngineBed } from '../conformance/engine-bed.ts';
import { type Bed, openBed } from './bed.ts';

const needs = ['storage', 'slow'] as const;
const rows = rowsFor<Cx<(typeof needs)[number]>>();

/** Makes keys and keeps them. */
const engine: Engine = {
  kind: 'secret',
  type: 'test-keys',
  summary: 'Keys, for tests',
  needs,
  rows: [
    rows.write(
      'keys/:name',
      {
        summary: 'Make a key',
        in: { name: t.name('Key'), bits: t.integer('Bits', { default: 2048 }) },
        out: { bytes: t.integer('Of its public half') },
      },
      async (cx, { name, bits }) => {
        const { privateKey, publicKey } = await cx.slow('rsaKeyPair', { bits: bits as RsaBits });
        await cx.storage.commit({ writes: [{ key: name, value: privateKey }] });
        return { bytes: publicKey.length };
      },
    ),
    rows.read(
      'keys/:name',
      { summary: 'Whether there is one', in: { name: t.name('Key') }, out: { has: t.boolean('It') } },
      async (cx, { name }) => ({ has: (await cx.storage.get(name)) !== undefined }),
    ),
  ],
};

/** Threads that end when the test says so. */
class Held {
  begun = 0;
  #ends: (() => void)[] = [];
  isOpen = false;

  readonly work = (async () => {
    this.begun++;
    if (!this.isOpen) await new Promise<void>(done => void this.#ends.push(done));
    return { privateKey: new Uint8Array([1]), publicKey: new Uint8Array([2]) };
  }) as unknown as Slow;

  open(): void {
    this.isOpen = true;
    for (const end of this.#ends) end();
    this.#ends = [];
  }
}

const bedWith = async (work: Slow): Promise<Bed> => {
  const bed = await openBed({ engines: [engine], slow: work });
  for (const path of ['one', 'two']) await bed.root('POST', `sys/mounts/${path}`, { type: 'test-keys' });
  return bed;
};

const turns = async (): Promise<void> => {
  for (let left = 30; left > 0; left--) await turn();
};

const make = (bed: Bed, path: string, isGone = () => false) =>
  bed.ask('POST', path, { token: bed.rootToken, body: {}, isGone });

test('an engine has real keys made, and others are answered meanwhile', async () => {
  const bed = await bedWith(slow);
  let made = false;
  const asked = make(bed, 'one/keys/a').finally(() => (made = true));
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
  assert.equal(made, false);
  assert.equal((await asked).json.data.bytes, 294);
  assert.deepEqual((await bed.root('GET', 'one/keys/a')).json.data, { has: true });
});

test('what an engine asks wrongly is told to its caller', async () => {
  const bed = new EngineBed(engine);
  assert.deepEqual(
    (await bed.call('write', 'keys/a', { body: { bits: 512 } })).error,
    'RSA key: expected 2048, 3072 or 4096 bits',
  );
});

test('two run at once; a mount that floods is refused beyond its bound, and another is served in its turn', async () => {
  const held = new Held();
  const bed = await bedWith(held.work);
  const flood = Array.from({ length: slowLimits.running + slowLimits.waitingOfOne + 3 }, (_, at) =>
    make(bed, `one/keys/k${at}`),
  );
  await turns();
  const other = make(bed, 'two/keys/a');
  await turns();
  assert.deepEqual([held.begun, bed.core.slow.waiting], [slowLimits.running, slowLimits.waitingOfOne + 1]);
  held.open();
  assert.equal((await other).status, 200);
  const told = await Promise.all(flood);
  const refused = told.filter(({ status }) => status !== 200);
  assert.deepEqual(
    refused.map(({ status, headers }) => [status, headers.get('Retry-After')]),
    Array.from({ length: 3 }, () => [429, '2']),
  );
  assert.deepEqual([bed.core.slow.running, bed.core.slow.waiting, bed.core.inFlight.count], [0, 0, 0]);
});

test('for a caller that is gone nothing is begun', async () => {
  const held = new Held();
  const bed = await bedWith(held.work);
  let gone = false;
  const first = ['a', 'b'].map(name => make(bed, `one/keys/${name}`));
  await turns();
  const waits = make(bed, 'one/keys/c', () => gone);
  await turns();
  gone = true;
  held.open();
  assert.deepEqual(
    (await Promise.all([...first, waits])).map(({ status }) => status),
    [200, 200, 408],
  );
  assert.equal(held.begun, 2);
  assert.deepEqual((await bed.root('GET', 'one/keys/c')).json.data, { has: false });
});

test('sealing waits for no key: all are refused at once, none is stored, and the store opens again', async () => {
  const held = new Held();
  const bed = await bedWith(held.work);
  const asked = ['a', 'b', 'c'].map(name => make(bed, `one/keys/${name}`));
  await turns();
  await bed.core.seal.seal();
  assert.deepEqual(
    (await Promise.all(asked)).map(({ status }) => status),
    [503, 503, 503],
  );
  assert.equal(bed.core.slow.waiting, 0);
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  held.open();
  await turns();
  assert.equal((await make(bed, 'one/keys/d')).status, 200);
  for (const name of ['a', 'b', 'c'])
    assert.deepEqual((await bed.root('GET', `one/keys/${name}`)).json.data, { has: false });
});
