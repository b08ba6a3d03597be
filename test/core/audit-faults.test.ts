/** F3: audit devices that hang, fail and come back, seen by who asks and by who reads the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type { AuditStanza } from '../../packages/server/src/core/audit/devices.ts';
import {
  BatchDevice,
  defaultLimitMs,
  lookEveryMs,
  type Target,
} from '../../packages/server/src/platform/audit/batches.ts';
import { type Bed, openBed, TestClock } from './bed.ts';

/** Real queues before devices in memory, on a clock of their own. */
class Rack {
  readonly clock = new TestClock();
  readonly lines = new Map<string, string[]>();
  readonly dead = new Set<string>();
  readonly #hanging = new Map<string, PromiseWithResolvers<void>>();

  readonly open = async ({ path, type }: AuditStanza): Promise<AuditSink> => {
    const lines: string[] = [];
    this.lines.set(path, lines);
    const target: Target = {
      write: async bytes => {
        if (this.dead.has(path)) throw Object.assign(new Error('no'), { code: 'ENOSPC' });
        const text = bytes.toString();
        await this.#hanging.get(path)?.promise;
        lines.push(...text.split('\n').slice(0, -1));
      },
      reopen: async () => undefined,
      close: async () => undefined,
    };
    return new BatchDevice({ path, type, target, clock: this.clock, limitMs: defaultLimitMs });
  };

  hang(path: string): void {
    this.#hanging.set(path, Promise.withResolvers());
  }

  release(path: string): Promise<void> {
    this.#hanging.get(path)?.resolve();
    this.#hanging.delete(path);
    return this.clock.advance(0);
  }

  async pass(): Promise<void> {
    for (let passed = 0; passed <= defaultLimitMs; passed += lookEveryMs) await this.clock.advance(lookEveryMs);
  }

  paths(device: string): string[] {
    return (this.lines.get(device) ?? []).map(line => (JSON.parse(line) as { request: { path: string } }).request.path);
  }
}

const open = async (...devices: string[]): Promise<{ bed: Bed; rack: Rack }> => {
  const rack = new Rack();
  return { bed: await openBed({ devices, openAudit: rack.open }), rack };
};

const alarms = (bed: Bed): string[] =>
  bed.logged.flatMap(line => /(could not take a record|is well again).*device":"(\w+\/)"(.*)\}/.exec(line)?.[0] ?? []);

test('F3: a device that hangs beside a healthy one is waited for once, then passed by, alarmed once, and used again', async () => {
  const { bed, rack } = await open('one/', 'two/');
  rack.hang('two/');
  const first = bed.root('GET', 'sys/mounts');
  await rack.clock.advance(0);
  await rack.pass();
  assert.equal((await first).status, 200);
  for (let turn = 0; turn < 5; turn++) assert.equal((await bed.root('GET', 'sys/auth')).status, 200);
  assert.deepEqual(
    alarms(bed).map(line => line.slice(0, 23)),
    ['could not take a record'],
  );
  await rack.release('two/');
  assert.equal((await bed.root('GET', 'sys/policy')).status, 200);
  assert.equal((await bed.root('GET', 'sys/policy')).status, 200);
  assert.equal(alarms(bed).length, 2);
  assert.match(alarms(bed)[1] ?? '', /is well again.*two\/","unconfirmed":6/);
  assert.deepEqual(rack.paths('two/'), rack.paths('one/'));
});

test('F3: with no device that takes anything requests fail, none hangs, nothing is done, and service comes back by itself', async () => {
  const { bed, rack } = await open('one/', 'two/');
  rack.hang('one/');
  rack.dead.add('two/');
  const first = bed.root('POST', 'secret/data/a', { data: { k: 'v' } });
  await rack.clock.advance(0);
  await rack.pass();
  assert.equal((await first).status, 500);
  const told = await bed.root('POST', 'secret/data/a', { data: { k: 'v' } });
  assert.equal(told.status, 500);
  assert.match(told.text, /no audit device could record the request/);
  assert.equal((await bed.ask('GET', 'sys/health')).status, 200);
  assert.equal(alarms(bed).length, 2);
  rack.dead.clear();
  assert.equal((await bed.root('GET', 'secret/data/a')).status, 404);
  await rack.release('one/');
  assert.equal((await bed.root('POST', 'secret/data/a', { data: { k: 'v' } })).status, 200);
  assert.equal(alarms(bed).length, 4);
});

test('F3: the only device hangs, and comes back', async () => {
  const { bed, rack } = await open('one/');
  rack.hang('one/');
  const first = bed.root('GET', 'sys/mounts');
  await rack.clock.advance(0);
  await rack.pass();
  assert.equal((await first).status, 500);
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 500);
  await rack.release('one/');
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
  assert.equal(alarms(bed).length, 2);
});

test('F3: a store can be sealed while a device hangs', async () => {
  const { bed, rack } = await open('one/', 'two/');
  rack.hang('two/');
  const first = bed.root('GET', 'sys/mounts');
  await rack.clock.advance(0);
  await rack.pass();
  await first;
  assert.equal((await bed.root('POST', 'sys/seal')).status, 204);
  assert.equal(bed.core.seal.sealed, true);
});
