import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';
import type { Functions } from '../function.ts';
import { compile, rootOf } from '../template.ts';
import { digestFunctions, randomFunctions, type Yaml, yamlFunctions } from './outside.ts';
import { sprigFunctions } from './table.ts';

const canary = 'cofs-canary-2215';
const data = rootOf([['secret', new TextEncoder().encode(canary)]]);

const render = (text: string, ...tables: readonly Functions[]): string => {
  const functions = new Map([sprigFunctions, ...tables].flatMap(table => [...table]));
  return new TextDecoder().decode(compile({ name: 'k', text, functions }).render(data));
};

/** Not YAML: it answers what it is told to, and remembers what it was to write. */
const fakeYaml = (answer: Json | undefined) => {
  const written: Json[] = [];
  const yaml: Yaml = {
    read: text => {
      if (answer === undefined) throw new CofferError('malformed_body', `no YAML: ${text}`);
      return answer;
    },
    write: json => {
      written.push(json);
      return 'é: 1\n';
    },
  };
  return { written, functions: yamlFunctions(yaml) };
};

test('without its table a function is not there', () => {
  for (const name of ['toYaml 1', 'sha256sum "a"', 'randAlpha 3', 'uuidv4'])
    assert.throws(() => render(`{{ ${name} }}`), /is not available in this version/);
});

test('toYaml hands over JSON values and drops the last newline', () => {
  const { written, functions } = fakeYaml(null);
  assert.equal(render('{{ toYaml (dict "b" (list 1 2.5 nil true) "a" "é") }}|', functions), 'é: 1|');
  const list = [new JsonNumber('1'), new JsonNumber('2.5'), null, true];
  assert.deepEqual(written, [
    new Map<string, Json>([
      ['a', 'é'],
      ['b', list],
    ]),
  ]);
});

test('fromYaml gives maps of floats', () => {
  const { functions } = fakeYaml(
    new Map<string, Json>([
      ['n', new JsonNumber('5')],
      ['__proto__', 'é'],
    ]),
  );
  assert.equal(render('{{ $y := fromYaml "x" }}{{ typeOf $y.n }} {{ $y.__proto__ }}', functions), 'float64 é');
  assert.equal(render('{{ fromYaml "" }}', fakeYaml(null).functions), 'map[]');
});

test('what is no YAML fails without a word of it', () => {
  for (const answer of [undefined, 'text', [null]]) {
    const { functions } = fakeYaml(answer);
    const told = (error: unknown): boolean =>
      error instanceof CofferError &&
      /is not YAML|no map/.test(error.publicMessage) &&
      !error.publicMessage.includes(canary);
    assert.throws(() => render('{{ fromYaml .secret }}', functions), told);
  }
});

test('a value that contains itself is refused', () => {
  const { functions } = fakeYaml(null);
  assert.throws(() => render('{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYaml $d }}', functions), /limit depth/);
});

test('digests are hexadecimal and over bytes', () => {
  const digest = digestFunctions((name, bytes) => createHash(name).update(bytes).digest());
  assert.equal(
    render('{{ sha256sum "abc" }} {{ sha1sum "" }}', digest),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad da39a3ee5e6b4b0d3255bfef95601890afd80709',
  );
  assert.equal(
    render('{{ sha512sum "\\xff" | trunc 8 }}', digest),
    createHash('sha512').update(Uint8Array.of(255)).digest('hex').slice(0, 8),
  );
});

test('random texts are of their alphabet, as long as asked, and without bias', () => {
  let next = 0;
  const counting = { bytes: (length: number) => Uint8Array.from({ length }, () => next++), uuid: () => 'u-u-i-d' };
  const functions = randomFunctions(counting);
  assert.equal(render('{{ randNumeric 3 }}{{ uuidv4 }}', functions), '012u-u-i-d');
  next = 0;
  const counts = new Map<string, number>();
  for (const letter of render('{{ randNumeric 250 }}', functions)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  assert.deepEqual(
    [...counts.values()],
    Array.from({ length: 10 }, () => 25),
  );
  next = 253;
  assert.equal(render('{{ randNumeric 1 }}', functions), '0', 'bytes beyond 249 are thrown away: 253 is not 3');
  assert.match(render('{{ randAlpha 40 }}', functions), /^[A-Za-z]{40}$/);
  assert.match(render('{{ randAlphaNum 40 }}', functions), /^[A-Za-z0-9]{40}$/);
  assert.match(render('{{ randAscii 40 }}', functions), /^[ -~]{40}$/);
  assert.throws(() => render('{{ randAlpha 1000000000 }}', functions), /limit madeBytes/);
  assert.throws(() => render('{{ randAlpha -1 }}', functions), /negative/);
  next = 0;
  assert.equal(render('{{ randBytes 4 }}', functions), 'AAECAw==');
  assert.throws(() => render('{{ randBytes -1 }}', functions), /negative/);
  assert.throws(() => render('{{ randBytes 1000000000 }}', functions), /limit madeBytes/);
});
