/** Devices that take some records only: each record goes where it is wanted, and none goes nowhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type { AuditStanza } from '../../packages/server/src/core/audit/devices.ts';
import { type Bed, openBed } from './bed.ts';

interface Rig {
  readonly bed: Bed;
  readonly lines: ReadonlyMap<string, string[]>;
  readonly dead: Set<string>;
  readonly stanza: (path: string, options?: { readonly [name: string]: string }) => AuditStanza;
}

const stanza: Rig['stanza'] = (path, options = {}) => ({
  type: 'file',
  path,
  description: '',
  options: new Map(Object.entries({ file_path: 'discard', ...options })),
});

const rig = async (configured: readonly AuditStanza[]): Promise<Rig> => {
  const lines = new Map<string, string[]>();
  const dead = new Set<string>();
  const openAudit = async ({ path, type }: AuditStanza): Promise<AuditSink> => ({
    path,
    type,
    write: async records => {
      if (dead.has(path)) throw new Error('dead');
      lines.set(path, [...(lines.get(path) ?? []), ...records]);
    },
    reopen: async () => undefined,
    close: async () => undefined,
  });
  return { bed: await openBed({ openAudit, devices: configured }), lines, dead, stanza };
};

/** What each device was told of, as `type operation path`. */
const told = ({ lines }: Rig, path: string): readonly string[] =>
  (lines.get(path) ?? [])
    .map(line => JSON.parse(line))
    .map(({ type, request }) => `${type} ${request.operation} ${request.path}`);

const forget = ({ lines }: Rig): void => {
  for (const all of lines.values()) all.length = 0;
};

test('a device with a filter takes what it holds for, one without takes all', async () => {
  const run = await rig([
    stanza('all/'),
    stanza('writes/', { filter: 'mount_type == kv and operation != read' }),
    stanza('one/', { filter: 'path == "secret/data/b" or mount_point == "sys/"' }),
  ]);
  forget(run);
  await run.bed.root('POST', 'secret/data/a', { data: { x: 1 } });
  await run.bed.root('GET', 'secret/data/b');
  const write = ['request create secret/data/a', 'response create secret/data/a'];
  const read = ['request read secret/data/b', 'response read secret/data/b'];
  assert.deepEqual(told(run, 'all/'), [...write, ...read]);
  assert.deepEqual(told(run, 'writes/'), write);
  assert.deepEqual(told(run, 'one/'), read);
});

test('a fallback takes what no other device takes', async () => {
  const run = await rig([stanza('kv/', { filter: 'mount_type == kv' }), stanza('rest/', { fallback: 'true' })]);
  forget(run);
  await run.bed.root('GET', 'secret/data/a');
  await run.bed.root('GET', 'auth/token/lookup-self');
  await run.bed.ask('GET', 'no/such/mount', { token: 'nobody' });
  assert.deepEqual(told(run, 'kv/'), ['request read secret/data/a', 'response read secret/data/a']);
  const others = ['auth/token/lookup-self', 'no/such/mount'];
  assert.deepEqual(
    told(run, 'rest/'),
    others.flatMap(path => [`request read ${path}`, `response read ${path}`]),
  );
});

test('where the device that takes a record is dead, the request fails, though others live; the rest goes on', async () => {
  const run = await rig([stanza('kv/', { filter: 'mount_type == kv' }), stanza('rest/', { fallback: 'true' })]);
  run.dead.add('kv/');
  assert.equal((await run.bed.root('GET', 'secret/data/a')).status, 500);
  assert.equal((await run.bed.root('GET', 'auth/token/lookup-self')).status, 200);
  run.dead.clear();
  assert.equal((await run.bed.root('GET', 'secret/data/a')).status, 404);
});

test('devices that would let records go nowhere are refused, whichever way they come about', async () => {
  const filtered = { type: 'file', options: { file_path: 'discard', filter: 'operation == read' } };
  const refusal = /every audit device has a filter: let one be without, or have fallback = true/;
  const none = await rig([]);
  const alone = await none.bed.root('PUT', 'sys/audit/reads', filtered);
  assert.equal(alone.status, 400);
  assert.match(alone.text, refusal);
  await none.bed.root('PUT', 'sys/audit/whole', { type: 'file', options: { file_path: 'discard' } });
  assert.equal((await none.bed.root('PUT', 'sys/audit/reads', filtered)).status, 204);
  const last = await none.bed.root('DELETE', 'sys/audit/whole');
  assert.equal(last.status, 400);
  assert.match(last.text, refusal);
  assert.equal((await none.bed.root('DELETE', 'sys/audit/reads')).status, 204);
  assert.equal((await none.bed.root('DELETE', 'sys/audit/whole')).status, 204);
  await assert.rejects(rig([stanza('reads/', { filter: 'operation == read' })]), refusal);
});

test('a filter that says nothing usable is refused, and so is one on a fallback', async () => {
  const { bed } = await rig([stanza('all/')]);
  for (const [options, expected] of [
    [
      { filter: 'color == red' },
      /filter: invalid filter: expected one of mount_point, mount_type, namespace, operation, path/,
    ],
    [{ filter: 'path ==' }, /filter: invalid filter: expected a name or a value/],
    [{ filter: 'path matches "(a+)+$"' }, /"matches" is not supported/],
    [{ filter: `path == "${'x'.repeat(5000)}"` }, /invalid filter/],
    [{ filter: 'path == a', fallback: 'true' }, /fallback: a device has this or a filter, not both/],
    [{ fallback: 'perhaps' }, /fallback: expected true or false/],
  ] as const) {
    const { status, text } = await bed.root('PUT', 'sys/audit/own', {
      type: 'file',
      options: { file_path: 'discard', ...options },
    });
    assert.equal(status, 400, text);
    assert.match(JSON.parse(text).errors.join(), expected);
  }
});
