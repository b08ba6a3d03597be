import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { sprigFunctions } from './sprig/table.ts';
import { compile, rootOf } from './template.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const canary = 'cofs-canary-7391';
const pin = '80417739';

const data = rootOf([
  ['user', bytes('anna')],
  ['password', bytes(canary)],
  ['empty', bytes('')],
  ['pin', bytes(pin)],
  ['list', bytes('b,a,c')],
  ['__proto__', bytes('plain')],
  ['tls.crt', bytes('dotted')],
]);

const render = (text: string, name = 'config'): string =>
  new TextDecoder().decode(compile({ name, text, functions: sprigFunctions }).render(data));

/** What the template fails with. */
const failure = (text: string): string => {
  try {
    render(text);
  } catch (error) {
    assert.ok(error instanceof CofferError, String(error));
    assert.equal(error.code, 'invalid_request');
    for (const value of [canary, pin])
      assert.ok(!error.publicMessage.includes(value), 'a value of the data stands in the message');
    return error.publicMessage;
  }
  return assert.fail(`${text} renders`);
};

const rendered: readonly (readonly [template: string, output: string])[] = [
  ['', ''],
  ['plain {text}', 'plain {text}'],
  ['postgres://{{ .user }}:{{ .password }}@db', `postgres://anna:${canary}@db`],
  ['{{ .user | upper | quote }}', '"ANNA"'],
  ['{{ if .empty }}a{{ else if eq .user "anna" }}b{{ else }}c{{ end }}', 'b'],
  ['{{ range $i, $v := splitList "," .list }}{{ $i }}{{ $v }} {{ end }}', '0b 1a 2c '],
  ['{{ range $k, $v := dict "b" 1 "a" 2 }}{{ $k }}{{ $v }}{{ end }}', 'a2b1'],
  ['{{ with .empty }}a{{ else }}b{{ end }}', 'b'],
  ['a  {{- 1 -}}  b', 'a1b'],
  ['{{ define "x" }}<{{ . }}>{{ end }}{{ template "x" .user }}', '<anna>'],
  ['{{ index . "tls.crt" }}{{ index . "none" }}', 'dotted'],
  ['{{ .__proto__ }}{{ hasKey (dict) "constructor" }}{{ get (dict) "toString" }}', 'plainfalse'],
  ['{{ dict "__proto__" 1 | toJson }}', '{"__proto__":1}'],
  ['{{ printf "%05d|%-4s|%q" 42 "x" "y" }}', '00042|x   |"y"'],
  ['{{ printf "%d" "x" }}', '%!d(string=x)'],
  ['{{ dict "a" nil "b" (list 1 "x") }}', 'map[a:<nil> b:[1 x]]'],
  ['é {{ "é" | len }} {{ `é` }}', 'é 2 é'],
];

for (const [template, output] of rendered)
  test(`renders ${JSON.stringify(template)}`, () => assert.equal(render(template), output));

const failures: readonly (readonly [template: string, message: RegExp])[] = [
  ['\n\n{{ .missing }}', /^template config, line 3: no key "missing" in the data: add it/],
  ['{{ .user.name }}', /no field \.name in a value of type string/],
  ['{{ .toString }}', /no key "toString"/],
  ['{{ (dict "a" 1).constructor }}', /no key "constructor"/],
  ['{{ nothing .user }}', /function "nothing" is not available in this version: docs\/templates\.md/],
  ['{{ call .user }}', /function call: is refused/],
  ['{{ upper 1 }}', /argument 1 of upper must be string, not int/],
  ['{{ upper }}', /function upper takes 1 arguments, not 0/],
  ['{{ fail .password }}', /made from data, which is not shown/],
  ['{{ fail "set a user" }}', /says: "set a user"/],
  ['{{ if .user }}', /if has no end/],
  ['{{ .user', /action is not closed/],
  ['{{ "x }}', /not closed by its quote/],
  ['{{ div 1 0 }}', /cannot divide by zero/],
  ['{{ template "none" }}', /no template "none"/],
  ['{{ b64dec .password }}', /not base64/],
  ['{{ mustFromJson .password }}', /not JSON/],
  ['{{ index .password .password }}', /index must be a whole number/],
  ['{{ index .user 9 }}', /an index is out of range/],
  ['{{ index .user (atoi .pin) }}', /an index is out of range/],
  ['{{ slice (list 1) 0 (atoi .pin) }}', /an index is out of range/],
  ['{{ div (atoi .pin) 0 }}', /cannot divide by zero/],
  ['{{ range (atoi .pin) }}{{ fail $.user }}{{ end }}', /which is not shown/],
  ['{{ regexMatch .password "" | ternary 1 }}', /takes 3 arguments/],
  ['{{ regexFind (print "(" .password) "" }}', /not one of RE2: a group is not closed/],
  ['{{ eq .password 1 }}', /cannot compare string with int/],
  ['{{ range .password }}{{ end }}', /range needs a list/],
];

for (const [template, message] of failures)
  test(`fails ${JSON.stringify(template)}`, () => assert.match(failure(template), message));

test('a binary value passes through as it is', () => {
  const every = Uint8Array.from({ length: 256 }, (_, at) => at);
  const copy = compile({ name: 'a', text: '{{ .key }}{{ .key | b64enc | b64dec }}', functions: sprigFunctions });
  assert.deepEqual(copy.render(rootOf([['key', every]])), new Uint8Array([...every, ...every]));
});

test('a template renders again and holds nothing of what it rendered before', () => {
  const template = compile({
    name: 'a',
    text: '{{ $d := dict }}{{ $_ := set $d .k 1 }}{{ $d }}',
    functions: sprigFunctions,
  });
  const once = (key: string): string => new TextDecoder().decode(template.render(rootOf([['k', bytes(key)]])));
  assert.deepEqual([once('a'), once('b')], ['map[a:1]', 'map[b:1]']);
});

test('delimiters are the caller’s', () => {
  const delimiters = { left: '[[', right: ']]' };
  const template = compile({ name: 'a', text: '{{ [[ .user ]] }}', functions: new Map(), delimiters });
  assert.equal(new TextDecoder().decode(template.render(data)), '{{ anna }}');
});
