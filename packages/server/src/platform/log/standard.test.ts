import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLog } from './standard.ts';
import type { LogLevel } from '../../contracts/log.ts';

const logTo = (format: 'standard' | 'json', level: LogLevel = 'info') => {
  const lines: string[] = [];
  const log = openLog({ level, format, write: line => lines.push(line), now: () => 1_700_000_000_000 });
  return { log, lines };
};

test('a line of text carries time, level, message and fields', () => {
  const { log, lines } = logTo('standard');
  log
    .with({ node: 'a' })
    .write('warn', 'disk is slow', { ms: 12, path: '/var/lib', note: 'two words', none: undefined });
  assert.deepEqual(lines, [
    '2023-11-14T22:13:20.000Z [WARN]  disk is slow: node=a ms=12 path=/var/lib note="two words"\n',
  ]);
});

test('a line of JSON carries the same', () => {
  const { log, lines } = logTo('json');
  log.write('error', 'said "no"', { count: 3, ok: false, odd: Number.NaN });
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    '@level': 'error',
    '@message': 'said "no"',
    '@timestamp': '2023-11-14T22:13:20.000Z',
    count: 3,
    ok: false,
    odd: null,
  });
});

test('events below the level are not written', () => {
  const { log, lines } = logTo('standard', 'warn');
  log.write('info', 'quiet');
  log.write('trace', 'quiet');
  log.write('error', 'loud');
  assert.equal(lines.length, 1);
});

test('input cannot begin a second line or steer a terminal, in either form', () => {
  const hostile = 'x\n2026 [ERROR] forged\r\u001b[2J\u009b\u2028\u2029\u202e\u0000\ud800"';
  for (const format of ['standard', 'json'] as const) {
    const { log, lines } = logTo(format);
    log.write('info', hostile, { field: hostile, [hostile]: 'name' });
    assert.equal(lines.length, 1);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch((lines[0] ?? '').slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\ud800-\udfff]/);
  }
});

test('escaped JSON says what was written', () => {
  const { log, lines } = logTo('json');
  log.write('info', 'a\nb\u202ec\u{1d173}');
  assert.equal((JSON.parse(lines[0] ?? '') as { '@message': string })['@message'], 'a\nb\u202ec\u{1d173}');
});

test('a message without end is cut, and said to be', () => {
  const { log, lines } = logTo('standard');
  log.write('info', 'x'.repeat(1_000_000), { field: 'y'.repeat(1_000_000) });
  assert.ok((lines[0] ?? '').length < 20_000);
  assert.match(lines[0] ?? '', /1000000 characters/);
});

test('the level may change while the log is open, also for logs that were made of it', () => {
  const { log, lines } = logTo('standard', 'error');
  const named = log.with({ node: 'a' });
  named.write('info', 'before');
  log.setLevel('info');
  named.write('info', 'after');
  log.write('debug', 'never');
  assert.equal(lines.length, 1);
});

test('each part writes at its own level, under its name; the configured level is that of the others', () => {
  const lines: string[] = [];
  const log = openLog({ level: 'info', format: 'json', write: line => void lines.push(line), now: () => 0 });
  const audit = log.part('audit').with({ device: 'a' });
  const http = log.part('http');
  log.levels.set('audit', 'debug');
  log.setLevel('error');
  audit.write('debug', 'one');
  http.write('warn', 'not written');
  log.write('warn', 'not written');
  log.levels.set('audit', undefined);
  audit.write('warn', 'not written');
  http.write('error', 'two');
  log.write('error', 'three');
  assert.deepEqual(
    lines.map(line => JSON.parse(line)).map(line => [line['@module'], line['@message'], line.device]),
    [
      ['audit', 'one', 'a'],
      ['http', 'two', undefined],
      [undefined, 'three', undefined],
    ],
  );
});

test('a line of text names its part', () => {
  const lines: string[] = [];
  const log = openLog({ level: 'info', format: 'standard', write: line => void lines.push(line), now: () => 0 });
  log.part('storage').write('warn', 'full');
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z [WARN]  storage: full\n']);
});
