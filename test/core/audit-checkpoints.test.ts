/** When checkpoints of the audit chain are taken, what a write that failed leaves, and what the rows refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchDevice, defaultLimitMs, type Target } from '../../packages/server/src/platform/audit/batches.ts';
import type { Storage } from '../../packages/server/src/contracts/storage.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { checkpointEveryMs, checkpointEveryRecords } from '../../packages/server/src/core/audit/checkpoints.ts';
import { Lane } from '../../packages/server/src/core/audit/lane.ts';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed } from './bed.ts';
import { ChainBed, kindsOf } from './chain-bed.ts';

const stored = async ({ core }: Bed): Promise<readonly { sequence: number; device: string }[]> => {
  const found = await core.storage.range('audit/chain/');
  return found.map(({ entry }) => JSON.parse(new TextDecoder().decode(entry?.value.subarray(1))));
};

const soon = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn++) await new Promise(done => setImmediate(done));
};

test('a checkpoint is stored behind the first write, then when its time has come, and not when nothing was written', async () => {
  const { bed } = await ChainBed.open();
  assert.deepEqual(await stored(bed), []);
  await bed.root('GET', 'sys/mounts');
  await soon();
  assert.deepEqual(
    (await stored(bed)).map(({ device, sequence }) => [device, sequence]),
    [['test/', 2]],
  );
  await bed.root('GET', 'sys/mounts');
  await soon();
  assert.equal((await stored(bed))[0]?.sequence, 2);
  await bed.clock.advance(checkpointEveryMs);
  assert.equal((await stored(bed))[0]?.sequence, 4);
  const { revision } = (await bed.core.storage.range('audit/chain/'))[0] ?? {};
  await bed.clock.advance(checkpointEveryMs);
  assert.equal((await bed.core.storage.range('audit/chain/'))[0]?.revision, revision);
});

test('a checkpoint is stored when many records were written, whatever the time', async () => {
  const { bed } = await ChainBed.open();
  for (let at = 0; at < checkpointEveryRecords / 200 + 2; at++)
    await Promise.all(Array.from({ length: 100 }, () => bed.root('GET', 'sys/mounts')));
  await bed.root('GET', 'sys/mounts');
  await soon();
  const [first] = await stored(bed);
  assert.ok((first?.sequence ?? 0) >= checkpointEveryRecords);
});

test('F1: the store is sealed with a checkpoint of all that was written, also where it cannot be stored', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const [before] = chain.bed.core.auditCheckpoints.list();
  await chain.reseal();
  assert.ok(((await stored(chain.bed))[0]?.sequence ?? 0) > (before?.sequence ?? 0));
  const memory = openMemoryStore();
  let isBroken = false;
  const storage: Storage = {
    get: key => memory.get(key),
    range: (prefix, options) => memory.range(prefix, options),
    changes: (since, stop) => memory.changes(since, stop),
    commit: asked => (isBroken ? Promise.reject(new Error('disk full')) : memory.commit(asked)),
  };
  const { bed } = await ChainBed.open({ storage });
  isBroken = true;
  for (let at = 0; at < 5; at++) {
    await bed.root('GET', 'sys/mounts');
    await soon();
  }
  const told = (): number => bed.logged.filter(line => line.includes('checkpoint of the audit chain could not')).length;
  assert.equal(told(), 1, 'not tried again with each request');
  await bed.clock.advance(checkpointEveryMs);
  assert.equal(told(), 2);
  assert.equal((await bed.root('POST', 'sys/seal')).status, 204);
  assert.equal(bed.core.seal.sealed, true);
});

/** A target whose writes can fail after some of their bytes. */
class Flaky implements Target {
  readonly pieces: Buffer[] = [];
  failAfterBytes: number | undefined;
  readonly write = async (bytes: Buffer): Promise<void> => {
    const { failAfterBytes } = this;
    this.pieces.push(Buffer.from(failAfterBytes === undefined ? bytes : bytes.subarray(0, failAfterBytes)));
    if (failAfterBytes === undefined) return;
    this.pieces.push(Buffer.from('\n'));
    throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  };
  readonly reopen = async (): Promise<void> => undefined;
  readonly close = async (): Promise<void> => undefined;
}

for (const failAfterBytes of [0, 10, 1_500, 1_000_000])
  test(`F3: a chain goes on behind writes that failed after ${failAfterBytes} bytes, and says what may be missing`, async () => {
    const target = new Flaky();
    const chain = await ChainBed.open({
      openAudit: async ({ path, type }, made) =>
        new BatchDevice({ path, type, target, clock: realClock(), limitMs: defaultLimitMs, chain: made }),
    });
    await chain.requests();
    target.failAfterBytes = failAfterBytes;
    for (let at = 0; at < 3; at++) assert.equal((await chain.bed.root('GET', 'secret/data/app')).status, 500);
    target.failAfterBytes = undefined;
    await chain.requests();
    const witness = await chain.witness();
    chain.write(Buffer.concat(target.pieces));
    const verified = await chain.verify([chain.file], witness);
    assert.equal(verified.faults, 0, JSON.stringify(verified.findings));
    assert.ok(failAfterBytes === 1_000_000 || kindsOf(verified).includes('lost'));
    const cut = chain.changed(lines => lines.toSpliced(3, 1));
    assert.notEqual((await chain.verify([cut], witness)).faults, 0);
  });

test('records that a device could not be given are told as lost, and are no fault', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  // A sequence is spent on a record that the device refuses.
  const device = chain.bed.core.audit.device('test/');
  assert.match(device?.format.request({ ...fakeExchange } as never) ?? '', /"sequence":/);
  await chain.requests();
  assert.deepEqual(kindsOf(await chain.verify()), ['lost']);
});

const fakeExchange = {
  wire: { headers: { get: () => undefined }, peer: { address: '127.0.0.1', port: 1 } },
  id: 'x',
  startedAtMs: 0,
  path: 'x',
  query: new Map(),
  operation: 'read',
};

test('a lane that was ended makes no more MACs', () => {
  const lane = new Lane({
    id: '0'.repeat(17),
    key: new Uint8Array(32).fill(1),
    term: 1,
    storeId: '',
    device: 'a/',
    prefix: '',
    clock: realClock(),
    after: undefined,
    moved: () => {},
  });
  lane.wipe();
  assert.throws(() => lane.close(new Uint8Array(64)), { code: 'sealed' });
});

test('the rows of the chain need sudo, and say what they expect', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/no-sudo', {
    policy: 'path "sys/audit-chain*" { capabilities = ["read", "update"] }',
  });
  const { json } = await bed.root('POST', 'auth/token/create', { policies: ['no-sudo'] });
  const token = json.auth.client_token as string;
  assert.equal((await bed.ask('GET', 'sys/audit-chain', { token })).status, 403);
  assert.equal((await bed.ask('POST', 'sys/audit-chain/check', { token, body: { links: ['x'] } })).status, 403);
  const good = `${'a'.repeat(17)} 1 5 ${'0'.repeat(64)} ${'1'.repeat(64)}`;
  const check = (links: unknown) => bed.root('POST', 'sys/audit-chain/check', { links });
  assert.deepEqual((await check([good, good])).json.data, { made: [false, false] });
  assert.deepEqual((await check([good.replace(' 1 ', ' 999999999 ')])).json.data, { made: [false] });
  for (const links of [['x'], [good.toUpperCase()], [good.replace('a', '/')], Array(1001).fill(good), undefined, 7])
    assert.equal((await check(links)).status, 400, String(links).slice(0, 50));
});
