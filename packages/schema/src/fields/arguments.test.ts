import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '../errors.ts';
import { scanJson } from '../json/scan.ts';
import { rowsFor } from '../row.ts';
import { Secret } from '../secret.ts';
import { argumentsOf, type Arguments, type Given } from './arguments.ts';
import { t } from './t.ts';

const rows = rowsFor<unknown>();
const row = rows.write(
  'keys/:name',
  {
    summary: 'Write a key',
    in: {
      name: t.name('Name of the key'),
      type: t.string('Type of the key', { required: true, aliases: ['kind', 'algorithm'] }),
      ttl: t.duration('How long it lives', { default: 60 }),
      limit: t.integer('Most uses'),
      value: t.secret('The value'),
    },
  },
  () => undefined,
);
const whole = rows.write(
  'data/:path*',
  {
    summary: 'Write',
    in: { path: t.path('Where'), data: t.object('The data', { required: true }) },
    wholeBody: 'data',
  },
  () => undefined,
);

const body = (json: string): Pick<Given, 'members' | 'body'> => {
  const scanned = scanJson(new TextEncoder().encode(json));
  return { members: scanned.members(), body: scanned };
};
const taken = (json: string, more: Partial<Given> = {}): Arguments =>
  argumentsOf(row, { params: new Map([['name', 'k']]), query: undefined, ...body(json), ...more });
const refusal = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    assert.ok(error instanceof CofferError && error.code === 'invalid_request', String(error));
    return error.publicMessage;
  }
  return assert.fail('it was accepted');
};

test('path, body and defaults make the arguments', () => {
  const { args, warnings } = taken('{"type":"aes","limit":"3","value":"s"}');
  assert.equal(Object.getPrototypeOf(args), null);
  assert.deepEqual({ ...args, value: undefined }, { name: 'k', type: 'aes', ttl: 60, limit: 3, value: undefined });
  assert.ok(args.value instanceof Secret);
  assert.deepEqual(warnings, []);
});

test('null and, where the kind says so, an empty text are as if absent', () => {
  const { args } = taken('{"type":"","ttl":null,"limit":"","value":null}');
  assert.deepEqual({ ...args }, { name: 'k', type: '', ttl: 60 });
});

test('a field is found under its older names, its own name first', () => {
  assert.equal(taken('{"algorithm":"x"}').args.type, 'x');
  assert.equal(taken('{"algorithm":"x","type":"y"}').args.type, 'y');
  assert.deepEqual(taken('{"algorithm":"x","kind":"y"}').warnings, []);
});

test('without a body, query and form values are read', () => {
  const { args } = argumentsOf(row, {
    params: new Map([['name', 'k']]),
    members: undefined,
    query: new Map([
      ['kind', 'aes'],
      ['ttl', '1h'],
      ['limit', ''],
    ]),
  });
  assert.deepEqual({ ...args }, { name: 'k', type: 'aes', ttl: 3600 });
});

test('what is missing is named, with what is expected', () => {
  assert.equal(
    refusal(() => taken('{}')),
    'missing field "type" (Type of the key): expected a text',
  );
  assert.equal(
    refusal(() => taken('{"type":null}')),
    'missing field "type" (Type of the key): expected a text',
  );
});

test('S11: a value that cannot be read is refused by the name of its field alone', () => {
  assert.equal(
    refusal(() => taken('{"type":"a","limit":"kanarienvogel"}')),
    'field "limit": expected a whole number',
  );
  const odd = { params: new Map([['name', 'kanarien\u0000']]) };
  assert.match(
    refusal(() => taken('{"type":"a"}', odd)),
    /^field "name": expected a name/,
  );
  assert.doesNotMatch(
    refusal(() => taken('{"type":"a"}', odd)),
    /kanarien/,
  );
});

test('unknown members are left out, with a warning', () => {
  const { args, warnings } = taken('{"type":"a","b":1,"a":2,"constructor":3}');
  assert.deepEqual(Object.keys(args), ['name', 'type', 'ttl']);
  assert.deepEqual(warnings, ['Endpoint ignored these unrecognized parameters: [a b constructor]']);
});

test('the path wins over the body, with a warning', () => {
  const { args, warnings } = taken('{"type":"a","name":"other"}');
  assert.equal(args.name, 'k');
  assert.deepEqual(warnings, [
    "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]",
  ]);
});

test('S12: names in warnings are bounded in number and length, and cannot forge a line', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}${'y'.repeat(500)}`, 1]));
  const [warning = ''] = taken(JSON.stringify({ type: 'a', ...many })).warnings;
  assert.ok(warning.length < 2000, String(warning.length));
  assert.match(warning, /\(500 in all\)\]$/);
  assert.match(taken('{"type":"a","a b\\n\\u001b\\u202e":1}').warnings[0] ?? '', /: \[a\?b\?\?\?\]$/);
});

test('a row may take the whole body as one field', () => {
  const params = new Map([['path', 'a/b']]);
  const { args, warnings } = argumentsOf(whole, { params, query: undefined, ...body('{"path":1, "x":2}') });
  assert.equal(args.path, 'a/b');
  assert.equal((args.data as { text(): string }).text(), '{"path":1, "x":2}');
  assert.deepEqual(warnings, []);
  assert.match(
    refusal(() => argumentsOf(whole, { params, members: undefined, query: undefined, body: undefined })),
    /^missing field "data"/,
  );
});
