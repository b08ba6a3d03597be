/** Audit devices that cannot be opened: the store opens with the others, tells no caller where they are, and tries again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type { Storage } from '../../packages/server/src/contracts/storage.ts';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import type { AuditStanza } from '../../packages/server/src/core/audit/devices.ts';
import { checkDevice, deviceOptions, deviceTypes } from '../../packages/server/src/core/audit/options.ts';
import { keyRows } from '../../packages/server/src/compose/configuration/table.ts';
import { retryMs } from '../../packages/server/src/core/audit/late-sink.ts';
import { type Bed, openBed } from './bed.ts';

/** Devices in memory, of which those in `broken` cannot be opened. */
class Shelf {
  readonly broken = new Set<string>();
  readonly written = new Map<string, string[]>();
  opened = 0;
  closed = 0;

  readonly open = async ({ path }: AuditStanza): Promise<AuditSink> => {
    if (this.broken.has(path))
      throw new CofferError('audit_failed', `audit file /var/log/${path}x.log cannot be opened for appending: ENOENT`);
    const lines = this.written.get(path) ?? [];
    this.written.set(path, lines);
    this.opened++;
    return {
      path,
      type: 'file',
      write: async records => void lines.push(...records),
      reopen: async () => undefined,
      close: async () => void this.closed++,
    };
  };

  count(path: string): number {
    return this.written.get(path)?.length ?? 0;
  }
}

const reseal = async (bed: Bed): Promise<void> => {
  assert.equal((await bed.root('POST', 'sys/seal')).status, 204);
};
const unseal = (bed: Bed) => bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } });

test('F3: a device that could not be stored is closed again: it would be gone with the next start', async () => {
  const shelf = new Shelf();
  const memory = openMemoryStore();
  let isBroken = false;
  const storage: Storage = {
    get: key => memory.get(key),
    range: (prefix, options) => memory.range(prefix, options),
    changes: (since, stop) => memory.changes(since, stop),
    commit: asked =>
      isBroken && asked.writes.some(({ key }) => key.includes('audit/device/'))
        ? Promise.reject(new CofferError('storage_full', 'disk full'))
        : memory.commit(asked),
  };
  const bed = await openBed({ storage, openAudit: shelf.open });
  const enable = () => bed.root('PUT', 'sys/audit/second', { type: 'file', options: { file_path: 'discard' } });
  isBroken = true;
  assert.ok((await enable()).status >= 500);
  assert.equal(shelf.closed, 1);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data).includes('second/'), false);
  isBroken = false;
  assert.equal((await enable()).status, 204);
});

test('an option that would not be in force is refused, and so is one that nobody knows', async () => {
  const bed = await openBed();
  const enable = (options: object) =>
    bed.root('PUT', 'sys/audit/second', { type: 'file', options: { file_path: 'discard', ...options } });
  for (const [options, told] of [
    [{ log_raw: 'yes' }, /^log_raw: expected true or false/],
    [{ hmac_accessor: '' }, /^hmac_accessor: expected true or false/],
    [{ prefix: 'x' }, /^prefix: set allow_audit_log_prefixing/],
    [{ sync: 'fsync' }, /^sync: only a file/],
    [{ sync: 'never' }, /^sync: expected write or fsync/],
    [{ format: 'jsonx' }, /^format: /],
    [{ mode: 'rw' }, /^mode: expected permissions in octal/],
    [{ mode: '0700' }, /^mode: expected permissions without execute/],
    [{ file_path: '' }, /^file_path is required/],
    [{ filter: 'x' }, /^filter: invalid filter: expected a comparison/],
    [{ facility: 'AUTH' }, /^unknown option "facility" of an audit device of type file/],
    [{ ['x'.repeat(500)]: 'y' }, /^unknown option "x{64}"/],
  ] as const) {
    const { status, json } = await enable(options);
    assert.equal(status, 400, JSON.stringify(options));
    assert.match(json.errors[0], told);
  }
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['test/']);
  const harmless = { log_raw: 'false', hmac_accessor: 'true', format: 'json', prefix: '', mode: '0000' };
  assert.equal((await enable(harmless)).status, 204);
});

/** A good value of every option that is honoured. */
const good: { readonly [name: string]: string } = {
  file_path: 'discard',
  path: 'discard',
  mode: '0640',
  sync: 'write',
  log_raw: 'true',
  hmac_accessor: 'false',
  elide_list_responses: 'true',
  prefix: '@cee: ',
  filter: 'mount_type == kv and operation != read',
  fallback: 'false',
  address: 'udp://127.0.0.1:514',
  socket_type: 'unix',
  write_timeout: '500ms',
  facility: 'local3',
  tag: 'store-1',
  uri: 'https://audit.test/in',
  headers: '{"authorization":"Bearer x","x-many":["a","b"]}',
};

const refusalOf = (type: string, options: readonly (readonly [string, string])[]): string | undefined => {
  try {
    checkDevice(type, new Map(options));
    return undefined;
  } catch (cause) {
    assert.ok(cause instanceof CofferError);
    return cause.publicMessage;
  }
};

test('the configuration and the API take the same options of a device', () => {
  for (const type of deviceTypes) {
    const inConfiguration = keyRows.filter(({ block }) => block === `audit ${type} options`);
    assert.equal(inConfiguration.length, deviceOptions[type].length);
    const given = ['file_path', 'address', 'uri']
      .filter(name => deviceOptions[type].some(option => option.name === name))
      .map(name => [name, good[name] ?? ''] as const);
    for (const { key, list, harmless } of inConfiguration) {
      const values = list === 'error' ? harmless : [good[key] ?? ''];
      for (const value of values) assert.equal(refusalOf(type, [...given, [key, value]]), undefined, `${type} ${key}`);
      if (list === 'error') assert.match(refusalOf(type, [...given, [key, 'other']]) ?? '', new RegExp(`^${key}: `));
    }
  }
});

test('what an option cannot take is refused with what was expected, and the value is not told', () => {
  for (const [type, name, values] of [
    ['file', 'mode', ['', '8', '0777', '0611', '-1', '06000', '0x1ff']],
    ['file', 'log_raw', ['', 'yes', 'null']],
    ['file', 'prefix', ['#!/bin/sh', 'a\nb', '\u007fELF', 'ä', 'x'.repeat(65)]],
    ['socket', 'socket_type', ['', 'udp', 'TCP']],
    ['socket', 'write_timeout', ['', '0', '-1s', '61s', '1y', 'NaN']],
    ['syslog', 'facility', ['', 'NONE', '4']],
    ['syslog', 'tag', ['', 'a b', 'a\nb', '-x', 'x'.repeat(33), 'ä']],
    [
      'syslog',
      'address',
      ['', '127.0.0.1:514', 'udp://h', 'udp://h:0', 'udp://h:70000', 'unix:///dev/log', 'tcp://a b:1'],
    ],
    ['http', 'uri', ['ftp://h/', '/in', 'https://user:pass@h/', 'javascript:1']],
    [
      'http',
      'headers',
      ['', '[]', '"x"', 'null', '{"a":1}', '{"a b":"c"}', '{"a":"b\\nc"}', '{"Host":"h"}', '{"a":["b",1]}'],
    ],
  ] as const) {
    for (const value of values) {
      const told = refusalOf(
        type,
        [
          ['address', 'h:1'],
          ['uri', 'http://h/'],
          ['file_path', 'discard'],
          [name, value],
        ].filter(
          ([one]) => deviceOptions[type].some(option => option.name === one) && (one === name || type !== 'syslog'),
        ) as [string, string][],
      );
      assert.match(told ?? '', new RegExp(`^${name}: expected `), `${type} ${name} ${value}`);
      if (value.length > 8) assert.equal(told?.includes(value), false);
    }
  }
  for (const [type, name] of [
    ['file', 'file_path'],
    ['socket', 'address'],
    ['http', 'uri'],
  ] as const)
    assert.equal(refusalOf(type, []), `${name} is required`);
  for (const type of ['', 'FILE', 'kafka', 'constructor', '__proto__'])
    assert.match(refusalOf(type, []) ?? '', /^unknown audit device type/);
});

test('headers of a device are not shown', async () => {
  const bed = await openBed();
  const options = { uri: 'http://127.0.0.1:9/', headers: '{"authorization":"Bearer canary-77"}' };
  assert.equal((await bed.root('PUT', 'sys/audit/far', { type: 'http', options })).status, 204);
  const told = await bed.root('GET', 'sys/audit');
  assert.equal(told.json.data['far/'].options.headers, '[hidden]');
  assert.equal(`${told.text}${bed.audited.join('')}${bed.logged.join('')}`.includes('canary-77'), false);
});

test('F3: one device of two that cannot be opened keeps nothing shut, and is used again once it can be opened', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/', 'two/'], openAudit: shelf.open });
  shelf.broken.add('two/');
  await reseal(bed);
  const told = await unseal(bed);
  assert.deepEqual([told.status, told.json.sealed], [200, false]);
  assert.doesNotMatch(told.text, /var|two/);
  assert.match(bed.logged.join('\n'), /error an audit device cannot be opened .*two\/.*ENOENT/);
  const before = { one: shelf.count('one/'), two: shelf.count('two/') };
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['one/', 'two/']);
  assert.deepEqual([shelf.count('one/') > before.one, shelf.count('two/')], [true, before.two]);
  shelf.broken.clear();
  await bed.clock.advance(retryMs);
  await bed.root('GET', 'sys/mounts');
  await bed.clock.advance(0);
  await bed.root('GET', 'sys/mounts');
  assert.equal(shelf.count('two/') > before.two, true);
  assert.match(bed.logged.join('\n'), /an audit device is open at last .*two\//);
});

test('F3: a dead device is tried again now and then, not with each request', async () => {
  const shelf = new Shelf();
  let tries = 0;
  const open = (stanza: AuditStanza) => {
    if (stanza.path === 'two/') tries++;
    return shelf.open(stanza);
  };
  const bed = await openBed({ devices: ['one/', 'two/'], openAudit: open });
  shelf.broken.add('two/');
  await reseal(bed);
  await unseal(bed);
  tries = 0;
  for (let turn = 0; turn < 20; turn++) await bed.root('GET', 'sys/mounts');
  assert.equal(tries, 0);
  await bed.clock.advance(retryMs);
  for (let turn = 0; turn < 20; turn++) await bed.root('GET', 'sys/mounts');
  assert.equal(tries, 1);
  const missed = bed.logged.filter(line => line.includes('could not take a record'));
  assert.equal(missed.length, 1);
});

test('F3: reopening opens what could not be opened, and one that fails keeps no other from it', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/', 'two/', 'three/'], openAudit: shelf.open });
  shelf.broken.add('one/').add('three/');
  await reseal(bed);
  await unseal(bed);
  const before = shelf.count('three/');
  shelf.broken.delete('three/');
  await bed.core.audit.reopen();
  await bed.root('GET', 'sys/mounts');
  assert.equal(shelf.count('three/') > before, true);
  assert.match(bed.logged.join('\n'), /cannot be opened anew .*one\//);
});

test('F3: where no device can be opened the store stays sealed, and the caller is told no path', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/', 'two/'], openAudit: shelf.open });
  shelf.broken.add('one/').add('two/');
  await reseal(bed);
  const told = await unseal(bed);
  assert.equal(told.status, 500);
  assert.match(told.text, /no audit device can be opened.*server log/);
  assert.doesNotMatch(told.text, /var|one|two|ENOENT/);
  assert.equal(bed.core.seal.sealed, true);
  shelf.broken.delete('two/');
  assert.equal((await unseal(bed)).json.sealed, false);
  assert.equal((await bed.root('GET', 'sys/mounts')).status, 200);
});

test('F3: a device made through the API that cannot be opened any more can be removed', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/'], openAudit: shelf.open });
  const made = await bed.root('PUT', 'sys/audit/two', { type: 'file', options: { file_path: '/var/log/two.log' } });
  assert.equal(made.status, 204);
  shelf.broken.add('two/');
  await reseal(bed);
  await unseal(bed);
  assert.equal((await bed.root('DELETE', 'sys/audit/two')).status, 204);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['one/']);
  await reseal(bed);
  assert.equal(shelf.opened, shelf.closed);
});

const stanza = (path: string, options: readonly (readonly [string, string])[] = []): AuditStanza => ({
  type: 'file',
  path,
  description: '',
  options: new Map(options),
});

test('reconfiguring opens what is new, closes what is gone, and leaves what was made through the API', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/', 'two/'], openAudit: shelf.open });
  await bed.root('PUT', 'sys/audit/own', { type: 'file', options: { file_path: 'discard' } });
  await bed.core.auditDevices.reconfigure([stanza('two/', [['mode', '0640']]), stanza('three/')]);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['two/', 'own/', 'three/']);
  assert.equal(shelf.closed, 1);
  assert.match(bed.logged.join('\n'), /warn an audit device keeps its options until the server starts anew .*two/);
  assert.equal((await bed.root('DELETE', 'sys/audit/three')).status, 400);
  await reseal(bed);
  await bed.core.auditDevices.reconfigure([stanza('four/')]);
  await unseal(bed);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['four/', 'own/']);
});

test('reconfiguring to devices of which none can be opened changes nothing', async () => {
  const shelf = new Shelf();
  const bed = await openBed({ devices: ['one/'], openAudit: shelf.open });
  shelf.broken.add('two/');
  await assert.rejects(bed.core.auditDevices.reconfigure([stanza('two/')]), { code: 'audit_failed' });
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['one/']);
  await bed.core.auditDevices.reconfigure([stanza('one/'), stanza('two/')]);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json.data), ['one/']);
  await bed.core.auditDevices.reconfigure([]);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/audit')).json?.data ?? {}), []);
});
