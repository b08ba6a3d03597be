import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { propertyOf } from './property.ts';

const objectOf = (json: string): JsonObject => {
  const value = scanJson(new TextEncoder().encode(json)).value();
  assert.ok(value instanceof Map);
  return value as JsonObject;
};

const data = objectOf(`{
  "name": {"first": "Tom", "last": "Anderson"},
  "age": 37,
  "children": ["Sara", "Alex", "Jack"],
  "fav.movie": "Deer Hunter",
  "@type": "person",
  "#": "hash",
  "friends": [
    {"first": "Dale", "last": "Murphy", "age": 44, "nets": ["ig", "fb"]},
    {"first": "Roger", "last": "Craig", "age": 68, "nets": ["fb"], "quote": "a \\"b\\" )"},
    {"first": "Jane", "last": "Murphy", "age": 47}
  ],
  "matrix": [[1, 2], [3]],
  "flags": [{"on": true, "id": 1}, {"on": false, "id": 2}, {"on": null, "id": 3}],
  "ids": [{"id": 12345678901234567890, "v": 1}, {"id": 12345678901234567891, "v": 2}, {"id": 1.50, "v": 3}],
  "0": "zero"
}`);

const found: readonly (readonly [path: string, json: string | undefined])[] = [
  ['name.last', '"Anderson"'],
  ['name', '{"first":"Tom","last":"Anderson"}'],
  ['age', '37'],
  ['fav.movie', '"Deer Hunter"'],
  ['fav\\.movie', '"Deer Hunter"'],
  ['@type', '"person"'],
  ['\\@type', '"person"'],
  ['0', '"zero"'],
  ['#', '"hash"'],
  ['children.0', '"Sara"'],
  ['children.3', undefined],
  ['children.-1', undefined],
  ['children.01', '"Alex"'],
  ['children.#', '3'],
  ['age.#', undefined],
  ['name.#', undefined],
  ['child*.2', '"Jack"'],
  ['c?ildren.1', '"Alex"'],
  ['c\\?ildren.1', undefined],
  ['n*e.*rst', '"Tom"'],
  ['z*', undefined],
  ['friends.#.first', '["Dale","Roger","Jane"]'],
  ['friends.#.quote', '["a \\"b\\" )"]'],
  ['friends.#.gone', '[]'],
  ['friends.#.nets.#', '[2,1]'],
  ['friends.1.last', '"Craig"'],
  ['friends.#(last=="Murphy").first', '"Dale"'],
  ['friends.#(last == "Murphy").first', '"Dale"'],
  ['friends.#(last=Craig).first', '"Roger"'],
  ['friends.#(last=="Murphy")#.first', '["Dale","Jane"]'],
  ['friends.#(last=="Nobody").first', undefined],
  ['friends.#(last=="Nobody")#.first', '[]'],
  ['friends.#(age>45)#.last', '["Craig","Murphy"]'],
  ['friends.#(age>=47)#.age', '[68,47]'],
  ['friends.#(age<47)#.age', '[44]'],
  ['friends.#(age<=47)#.age', '[44,47]'],
  ['friends.#(age!=44)#.age', '[68,47]'],
  ['friends.#(first%"D*").last', '"Murphy"'],
  ['friends.#(first!%"D*")#.first', '["Roger","Jane"]'],
  ['friends.#(first%"?ane").first', '"Jane"'],
  ['friends.#(nets.#(=="ig")).first', '"Dale"'],
  ['friends.#(nets.#(=="fb"))#.first', '["Dale","Roger"]'],
  ['friends.#(quote)#.first', '["Roger"]'],
  ['friends.#(quote=="a \\"b\\" )").first', '"Roger"'],
  ['children.#(%"J*")', '"Jack"'],
  ['children.#(!="Sara")#', '["Alex","Jack"]'],
  ['flags.#(on==true).id', '1'],
  ['flags.#(on==false).id', '2'],
  ['flags.#(on==null).id', '3'],
  ['friends.#(nets=="ig").first', undefined],
  ['matrix.#.0', '[1,3]'],
  ['matrix.0.1', '2'],
  ['ids.#(id==12345678901234567891).v', '2'],
  ['ids.#(id>12345678901234567890)#.v', '[2]'],
  ['ids.#(id==1.5).v', '3'],
  ['__proto__', undefined],
  ['constructor.name', undefined],
  ['name.', undefined],
  ['.name', undefined],
];
for (const [path, json] of found) {
  test(`${path} is ${json ?? 'missing'}`, () => {
    const value = propertyOf(data, path);
    assert.equal(value === undefined ? undefined : new TextDecoder().decode(writeJson(value)), json);
  });
}

const refused: readonly (readonly [path: string, words: RegExp])[] = [
  ['children.@reverse', /a modifier \(@…\) is not supported/],
  ['@this', /modifier/],
  ['children|0', /a pipe \(\|\) is not supported/],
  ['name.{first,last}', /multipath/],
  ['name.[first]', /multipath/],
  ['!"a"', /a literal/],
  ['..#', /JSON lines/],
  ['friends.#(last==~true).first', /~ is not supported/],
  ['friends.#(last=="Murphy".first', /not closed/],
  ['friends.#(last=="Murphy', /not closed/],
  ['friends.#(', /not closed/],
  ['friends.#(a==1)x', /"x" is not expected here/],
  [`a${'.#(b'.repeat(20)}`, /more than 8 filters inside each other/],
  ['a'.repeat(1025), /over 1024 characters/],
];
for (const [path, words] of refused) {
  test(`${path.slice(0, 40)} is refused by name`, () => {
    assert.throws(
      () => propertyOf(data, path),
      (error: unknown) => error instanceof CofferError && error.code === 'invalid_request' && words.test(error.message),
    );
  });
}

test('a pattern of many stars is not a lot of work', () => {
  const long = objectOf(`{"${'a'.repeat(100_000)}": 1}`);
  assert.equal(propertyOf(long, `${'*a'.repeat(200)}b`), undefined);
});

test('a pattern that would have to be tried everywhere is given up, and says so', () => {
  const long = new Map([['a'.repeat(1_000_000), 'canary']]);
  for (const property of [`*${'a'.repeat(500)}b`, '*a*a*a*a*a*b'])
    assert.throws(() => propertyOf(long, property), {
      code: 'invalid_request',
      message: /^property: more than 1000000 characters/,
    });
  assert.equal(propertyOf(new Map([['a'.repeat(100_000), 'x']]), 'a*'), 'x');
});
