import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { apiPath, listPath, parseTarget, pathBytesLimit, queryBytesLimit } from './target.ts';

const path = (raw: string): string => parseTarget(raw).path;

/** The code of the refusal, or the path where there is none. */
const outcome = (run: () => string): string => {
  try {
    return run();
  } catch (error) {
    assert.ok(error instanceof CofferError, String(error));
    return `refused: ${error.code}`;
  }
};
const refused = (raw: string, code = 'malformed_target'): void => {
  assert.equal(
    outcome(() => path(raw)),
    `refused: ${code}`,
    JSON.stringify(raw),
  );
};

test('a plain path comes through as it is, with its trailing slash', () => {
  assert.equal(path('/v1/secret/data/app'), 'secret/data/app');
  assert.equal(path('/v1/secret/metadata/app/'), 'secret/metadata/app/');
  assert.equal(path('/v1/a?x=1'), 'a');
});

test('a path is decoded exactly once', () => {
  assert.equal(path('/v1/a/%252e%252e/b'), 'a/%2e%2e/b');
  assert.equal(path('/v1/a%20b/%C3%A9/%3Fc%23d'), 'a b/é/?c#d');
  assert.equal(path('/v1/a%2fb%2F'), 'a/b/');
});

test('bytes that are not encoded are read as UTF-8 too', () => assert.equal(path('/v1/\xc3\xa9'), 'é'));

test('semicolon, backslash, colon, at, plus and tilde are ordinary characters of a path', () => {
  assert.equal(path('/v1/a;b=c/d\\e/f:g@h+i~'), 'a;b=c/d\\e/f:g@h+i~');
  assert.equal(path('/v1/a%3Bb%5C..'), 'a;b\\..');
});

test('names that only begin with dots are names', () => assert.equal(path('/v1/.a/..b/.../c..'), '.a/..b/.../c..'));

test('S5: dot segments are refused, encoded or not, wherever they stand', () => {
  for (const dots of ['.', '..', '%2e', '%2E%2e', '.%2e', '%2e.']) {
    for (const raw of [
      `/v1/${dots}`,
      `/v1/${dots}/a`,
      `/v1/a/${dots}`,
      `/v1/a/${dots}/b`,
      `/v1/a/${dots}?x=1`,
      `/v1/a%2f${dots}%2fb`,
    ]) {
      refused(raw);
    }
  }
});

test('S5: empty segments are refused, encoded or not', () => {
  for (const raw of ['/v1//', '/v1//a', '/v1/a//b', '/v1/a//', '/v1/a/%2f', '/v1/a%2f/b', '/v1/%2f', '/v1/%2Fa'])
    refused(raw);
});

test('S5: characters that do not print are refused', () => {
  const bad = [
    '%00',
    '%01',
    '%0a',
    '%0d',
    '%1b',
    '%7f',
    '%C2%80',
    '%C2%A0',
    '%C2%AD',
    '%E2%80%8B',
    '%E2%80%A8',
    '%E2%80%A9',
  ];
  bad.push(
    '%E2%80%AE',
    '%EF%BB%BF',
    '%EF%BF%BE',
    '%EF%BF%BF',
    '%EE%80%80',
    '%F3%B0%80%80',
    '%E3%80%80',
    '%F0%9F%BF%BE',
  );
  for (const character of bad) {
    refused(`/v1/a${character}b`);
    refused(`/v1/${character}`);
  }
});

test('S5: bad percent-encoding and bad UTF-8 are refused', () => {
  const bad = [
    '%',
    '%4',
    '%g1',
    '%1g',
    '%%41',
    '%u0041',
    '%-1',
    '%ff',
    '%c3',
    '%c3%28',
    '%c0%af',
    '%c0%ae',
    '%ed%a0%80',
    '%f5%80%80%80',
  ];
  for (const text of bad) refused(`/v1/a${text}`);
  refused('/v1/a\xff');
});

test('bytes that cannot stand in a request target are refused', () => {
  for (const raw of [
    '/v1/a b',
    '/v1/a\tb',
    '/v1/a#b',
    '/v1/a\x00',
    '/v1/a\x7f',
    '/v1/%41 b',
    '/v1/a?b c',
    '/v1/a?b#c',
    '/v1/aĀ',
  ])
    refused(raw);
});

test('a path of exactly the limit is accepted, one byte more is refused', () => {
  const most = 'a'.repeat(pathBytesLimit);
  assert.equal(path(`/v1/${most}`), most);
  assert.equal(path(`/v1/%61${most.slice(1)}`), most);
  refused(`/v1/${most}a`);
  refused(`/v1/%61${most}`);
  assert.equal(path(`/v1/${'%C3%A9'.repeat(pathBytesLimit / 2)}`).length, pathBytesLimit / 2);
  refused(`/v1/${'%C3%A9'.repeat(pathBytesLimit / 2)}a`);
  refused(`/v1/${'%61'.repeat(pathBytesLimit * 4)}`);
});

test('other forms of a target are refused, other surfaces are not found', () => {
  for (const raw of ['', '*', 'v1/a', 'http://x/v1/a', 'x:443', '?a']) refused(raw);
  for (const raw of ['/', '/v1', '/v1/', '/v1/?a=b', '/v2/a', '/V1/a', '/%761/a', '//v1/a', '/v1%2fa', '/ui/'])
    refused(raw, 'not_found');
});

test('a query keeps all values of a name in order, decoded once, plus being a space', () => {
  const { query } = parseTarget('/v1/a?x=1+2&y&x=%2541&&z=%C3%A9;w=1&%78=last&empty=&a=b=c');
  assert.deepEqual(
    [...query],
    [
      ['x', ['1 2', '%41', 'last']],
      ['y', ['']],
      ['z', ['é;w=1']],
      ['empty', ['']],
      ['a', ['b=c']],
    ],
  );
});

test('names of any kind are only names in a query', () => {
  const { query } = parseTarget('/v1/a?__proto__=1&constructor=2');
  assert.deepEqual(query.get('__proto__'), ['1']);
  assert.equal(query.get('toString'), undefined);
});

test('a query that is malformed or too large is refused', () => {
  for (const query of ['%', 'a=%zz', '%ff=1', 'a=%ff', 'a%00=1', 'a%0a=1']) refused(`/v1/a?${query}`);
  const thousand = Array.from({ length: 1000 }, (_, index) => `a=${index}`).join('&');
  assert.equal(parseTarget(`/v1/a?${thousand}`).query.get('a')?.length, 1000);
  refused(`/v1/a?${thousand}&b`);
  assert.equal(path(`/v1/a?${'a'.repeat(queryBytesLimit)}`), 'a');
  refused(`/v1/a?${'a'.repeat(queryBytesLimit + 1)}`);
});

test('text that was never encoded is checked in the same way, and not decoded', () => {
  assert.equal(apiPath('a/%2e%2e/b;c é'), 'a/%2e%2e/b;c é');
  for (const text of ['/a', 'a//b', '..', 'a/./b', 'a\n', '\u2028', '\ud800', 'a'.repeat(4097), 'é'.repeat(2049)]) {
    assert.equal(
      outcome(() => apiPath(text)),
      'refused: malformed_target',
    );
  }
  assert.equal(
    outcome(() => apiPath('')),
    'refused: not_found',
  );
});

test('a listing names its folder with a slash', () => {
  assert.equal(listPath(apiPath('a/b')), 'a/b/');
  assert.equal(listPath(apiPath('a/b/')), 'a/b/');
});
