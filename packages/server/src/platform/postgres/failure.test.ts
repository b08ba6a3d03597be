import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { ConnectionLost, failureOf, told } from './failure.ts';

const server = (code: string, severity = 'ERROR'): Error =>
  Object.assign(new Error('canary of the server'), { code, severity });
const network = (code: string | undefined, message = 'canary'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

test('every failure has a code, words and whether another attempt may do better', () => {
  const cases: [error: Error, code: string, words: RegExp, passing: boolean][] = [
    [server('53100'), 'storage_full', /no space left on its disk \(53100\)/, false],
    [server('53300', 'FATAL'), 'storage_failed', /no connections or memory left/, true],
    [server('25006'), 'storage_failed', /takes no writes/, true],
    [server('28P01', 'FATAL'), 'storage_failed', /does not let this user in/, false],
    [server('3D000', 'FATAL'), 'storage_failed', /no database of this name/, false],
    [server('42501'), 'storage_failed', /does not permit this/, false],
    [server('42P01'), 'storage_failed', /does not have the tables/, false],
    [server('40001'), 'storage_failed', /in favour of another/, true],
    [server('55P03'), 'storage_failed', /held by another node/, true],
    [server('57P01', 'FATAL'), 'storage_failed', /starting, shutting down/, true],
    [server('58030'), 'storage_failed', /trouble with its disk/, false],
    [server('XX001'), 'data_corrupt', /is damaged/, false],
    [server('42601'), 'storage_failed', /failed \(42601\)/, false],
    [network('ECONNREFUSED'), 'storage_failed', /cannot be reached \(ECONNREFUSED\)/, true],
    [network('ENOTFOUND'), 'storage_failed', /not found by its name/, true],
    [network('SELF_SIGNED_CERT_IN_CHAIN'), 'storage_failed', /cannot be trusted over TLS/, true],
    [
      network(undefined, 'The server does not support SSL connections'),
      'storage_failed',
      /cannot be trusted over TLS/,
      true,
    ],
    [network(undefined, 'SASL: server signature does not match'), 'storage_failed', /cannot be trusted over TLS/, true],
    [network(undefined, 'SASL: client password must be a string'), 'storage_failed', /none is given/, false],
    [network(undefined, 'timeout expired'), 'storage_failed', /in time \(ETIMEDOUT\)/, true],
    [network(undefined), 'storage_failed', /cannot be reached \(ECONNRESET\)/, true],
    [new ConnectionLost('ETIMEDOUT', 'late'), 'storage_failed', /in time/, true],
  ];
  for (const [error, code, words, passing] of cases) {
    const failure = failureOf(error);
    assert.deepEqual([failure.code, failure.passing], [code, passing], failure.message);
    assert.match(failure.message, words);
    assert.ok(!failure.message.includes('canary'));
  }
});

test('only an error that left the connection well undid its transaction for certain', () => {
  for (const state of ['40001', '53100', '57014', '23505', '42501'])
    for (const severity of ['ERROR', 'FEHLER']) assert.equal(failureOf(server(state, severity)).undone, true);
  for (const other of [
    server('57P01', 'FATAL'),
    server('57P02', 'PANIC'),
    server('57P01', 'FEHLER'),
    server('25P03', 'SCHWERWIEGEND'),
    network('ECONNRESET'),
    network('40001'),
  ])
    assert.equal(failureOf(other).undone, false);
});

test('refusals of our own stay as they are', () => {
  const refusal = new CofferError('conflict', 'as it is');
  assert.equal(told(refusal), refusal);
  assert.equal(told('not even an error').code, 'storage_failed');
});
