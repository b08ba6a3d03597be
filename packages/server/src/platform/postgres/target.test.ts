import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { parseTarget, type Target } from './target.ts';

const none = (): undefined => undefined;
const parse = (url: string): Target => parseTarget(url, none);
const facts = (url: string): unknown[] => {
  const { hosts, user, password, database, tls } = parse(url);
  return [hosts.map(({ host, port }) => `${host}|${port}`).join(), user, password?.revealText(), database, tls];
};

test('URLs and words say the same', () => {
  const cases: [string, unknown[]][] = [
    ['postgres://u@h/d', ['h|5432', 'u', undefined, 'd', 'require']],
    ['postgresql://u:p@h:1/d?sslmode=disable', ['h|1', 'u', 'p', 'd', 'disable']],
    ['postgresql://u:p%40%3A%2F%25@h/d', ['h|5432', 'u', 'p@:/%', 'd', 'require']],
    ['postgresql://u@h1:1,h2,[::1]:3/d', ['h1|1,h2|5432,::1|3', 'u', undefined, 'd', 'require']],
    ['postgresql://u@/d?host=/run/pg&port=7', ['/run/pg|7', 'u', undefined, 'd', 'disable']],
    ['postgresql://u@%2Frun%2Fpg/d', ['/run/pg|5432', 'u', undefined, 'd', 'disable']],
    ['postgresql://u@h', ['h|5432', 'u', undefined, 'u', 'require']],
    ['postgresql://h/d?user=u&password=x', ['h|5432', 'u', 'x', 'd', 'require']],
    ["host=h port=2 user=u password='a b\\'c' dbname=d sslmode=verify-ca", ['h|2', 'u', "a b'c", 'd', 'verify-ca']],
    ['user=u host=h1,h2 port=1,2', ['h1|1,h2|2', 'u', undefined, 'u', 'require']],
    ['postgres://u@h/d?sslmode=require&sslrootcert=/ca.pem', ['h|5432', 'u', undefined, 'd', 'verify-ca']],
  ];
  for (const [url, want] of cases) assert.deepEqual(facts(url), want, url);
});

test('what is not understood is refused, and no message holds a part of it', () => {
  const bad = [
    'postgresql://canary:canary@h/d?sslmode=prefer',
    'postgresql://canary:canary@h/d?sslmode=allow',
    'postgresql://canary:canary@h/d?sslmode=canary',
    'postgresql://canary:canary@h/d?unknown=1',
    'postgresql://canary:ca@nary@h/d',
    'postgresql://canary:ca/nary@h/d',
    'postgresql://canary:ca#nary@h/d',
    'postgresql://canary:%zz@h/d',
    'postgresql://canary:canary@h:0/d',
    'postgresql://canary:canary@h:70000/d',
    'postgresql://canary:canary@h:1,g/d?port=1,2,3',
    'postgresql://canary:canary@h/d?target_session_attrs=standby',
    'postgresql://canary:canary@h/d?connect_timeout=soon',
    'postgresql://canary:canary@h/d?channel_binding=require',
    'mysql://canary:canary@h/d',
    'host=h user=canary password=canary nonsense',
    "host=h user='canary",
    'host=h',
    '',
    `postgresql://canary@${Array.from({ length: 17 }, () => 'h').join(',')}/d`,
  ];
  for (const url of bad)
    assert.throws(
      () => parse(url),
      (error: unknown) => error instanceof CofferError && error.code === 'usage' && !/canary|nary/.test(error.message),
      url,
    );
});

test('a password does not print', () => {
  const target = parse('postgresql://u:canary@h/d');
  assert.ok(!JSON.stringify(target).includes('canary'));
});

test('bytes thrown at it end in a target or in a refusal', () => {
  const signs = [
    'postgres://',
    'host=',
    '@',
    ':',
    '/',
    '?',
    '=',
    '&',
    '%',
    '%4',
    ',',
    '[',
    ']',
    "'",
    '\\',
    ' ',
    'a',
    '1',
    'sslmode',
    '\u0000',
    'é',
  ];
  let seed = 20_260_101;
  const below = (end: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * end);
  };
  for (let round = 0; round < 20_000; round++) {
    const url = Array.from({ length: below(12) }, () => signs[below(signs.length)]).join('');
    try {
      parse(url);
    } catch (error) {
      assert.ok(error instanceof CofferError, `${JSON.stringify(url)}: ${String(error)}`);
    }
  }
});
