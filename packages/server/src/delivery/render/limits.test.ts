import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { templateLimits } from './limits.ts';
import { sprigFunctions } from './sprig/table.ts';
import { compile, rootOf } from './template.ts';

const refuses = (text: string, limit: string): void => {
  const render = (): unknown => compile({ name: 'k', text, functions: sprigFunctions }).render(rootOf([]));
  assert.throws(render, (error: unknown) => {
    assert.ok(error instanceof CofferError, String(error));
    assert.match(error.publicMessage, new RegExp(`^template k, line \\d+: .*\\(limit ${limit}\\)`));
    return true;
  });
};

const large = '(repeat 1000000 "x")';
/** Doubles a text sixty times. */
const doubling = '{{ $x := "xx" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}';

const bounded: readonly (readonly [text: string, limit: string])[] = [
  ['{{ repeat 1000000000 "x" }}', 'madeBytes'],
  ['{{ repeat 9223372036854775807 "x" }}', 'madeBytes'],
  [`{{ replace "x" ${large} ${large} }}`, 'madeBytes'],
  [`{{ replace "" ${large} ${large} }}`, 'madeBytes'],
  ['{{ indent 1000000000 "x" }}', 'madeBytes'],
  [`{{ join ${large} (until 1000) }}`, 'madeBytes'],
  ['{{ until 1000000000 }}', 'madeBytes'],
  ['{{ untilStep 0 1000000000 1 }}', 'madeBytes'],
  ['{{ seq 1000000000 }}', 'madeBytes'],
  [doubling, 'madeBytes'],
  ['{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}', 'madeBytes'],
  [`{{ range until 100 }}{{ printf "%1000000d" 1 }}{{ end }}`, 'outputBytes'],
  [`{{ $x := ${large} }}{{ range until 3 }}{{ $x }}{{ end }}`, 'outputBytes'],
  ['{{ range 9223372036854775807 }}{{ end }}', 'steps'],
  ['{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}', 'steps'],
  ['{{ range until 1000 }}{{ $x := until 10000 | toString }}{{ end }}', 'steps'],
  ['{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}', 'depth'],
  ['{{ define "r" }}{{ template "r" . }}{{ template "r" . }}{{ end }}{{ template "r" }}', 'depth'],
  ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', 'depth'],
  ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toJson $d }}', 'depth'],
  ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}', 'depth'],
  [`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`, 'depth'],
  ['{{ if 1 }}'.repeat(5000) + '{{ end }}'.repeat(5000), 'depth'],
  [`{{ if 0 }}${'{{ else if 0 }}'.repeat(5000)}{{ end }}`, 'depth'],
  [`{{ regexMatch "(.*)(.*)(.*)(.*)b" ${large} }}`, 'steps'],
  [`{{ regexFindAll "x*b|x" ${large} -1 }}`, 'steps'],
  ['{{ $p := repeat 19 "a{1000}" }}{{ range until 20000 }}{{ $x := regexMatch $p "" }}{{ end }}', 'steps'],
  ['{{ regexMatch (printf "[%s]*x" (repeat 20000 "b-c")) (repeat 300000 "a") }}', 'steps'],
  ['{{ regexMatch (printf "(?i)(%s)+y" (repeat 20 "x|")) (repeat 300000 "x") }}', 'steps'],
  [`{{ regexReplaceAllLiteral "" (repeat 10000 "x") (repeat 10000 "y") }}`, 'madeBytes'],
  ['{{ addf 1 | printf "%.1000000f%.1000000f%.1000000f%.1000000f" 1.0 2.0 3.0 }}', 'outputBytes'],
  ['x'.repeat(templateLimits.templateBytes + 1), 'templateBytes'],
];

for (const [text, limit] of bounded) test(`${text.slice(0, 70)} ends at ${limit}`, () => refuses(text, limit));

test('a list that doubles inside of itself prints only as far as the limits go', () => {
  const text = '{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}';
  assert.throws(() => compile({ name: 'k', text, functions: sprigFunctions }).render(rootOf([])), CofferError);
});
