/**
 * Our templates against Go's text/template with sprig: fixed cases for every rule, and random templates. The seed is
 * printed on failure; `COFFER_FUZZ_SEED` repeats a run. What differs on purpose stands below, each with what we do.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goTemplate } from '../counterparts/go-template.ts';
import { need } from '../counterparts/counterpart.ts';
import { agree, type Case, inCoffer, inGo } from './go-template.ts';
import { seededDice } from './http-dice.ts';
import { randomRegexCase, regexCases } from './regex-cases.ts';
import { sprigCases } from './sprig-cases.ts';
import { cases, data } from './template-cases.ts';
import { TemplateDice } from './template-dice.ts';

const go = need(goTemplate);
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261126');
const rounds = 3000;
const shown = 10;

/** Renders all in both and answers those that differ, to be read. */
const differences = (asked: readonly Case[]): { text: string; go: string; ours: string }[] => {
  const theirs = inGo(go.path, data, asked);
  assert.equal(theirs.length, asked.length);
  return asked.flatMap((each, at) => {
    const expected = theirs[at] ?? { error: 'no answer' };
    const ours = inCoffer(data, each);
    return agree(expected, ours) ? [] : [{ text: each.text, go: JSON.stringify(expected), ours: JSON.stringify(ours) }];
  });
};

const holds = (asked: readonly Case[]): void => assert.deepEqual(differences(asked).slice(0, shown), []);

test('the language and printf do what Go does', { skip: go.skip }, () => holds(cases.map(text => ({ text }))));

test('functions of sprig do what they do in Go', { skip: go.skip }, () => holds(sprigCases.map(text => ({ text }))));

test(`regular expressions match what they match in Go (seed ${seed})`, { skip: go.skip }, () => {
  const dice = seededDice(seed);
  const random = Array.from({ length: rounds }, () => randomRegexCase(dice));
  holds([...regexCases, ...random].map(text => ({ text })));
});

test('other delimiters', { skip: go.skip }, () => {
  const texts = [
    '[[ .user ]]',
    '[[- .user -]] {{ x }}',
    'a [[ "]]" ]]',
    '[[/* c */]]',
    '[[ index .user 0 ]]',
    '[[ .user ]',
    '[[ x',
  ];
  holds(texts.map(text => ({ text, left: '[[', right: ']]' })));
  holds(['<.user>', '<- .user ->', '<if .user>x<end>'].map(text => ({ text, left: '<', right: '>' })));
});

test(`random templates do what they do in Go (seed ${seed})`, { skip: go.skip }, context => {
  const dice = new TemplateDice(seededDice(seed));
  const asked = Array.from({ length: rounds }, () => ({ text: dice.template() }));
  const rendered = asked.filter(each => 'output' in inCoffer(data, each)).length;
  context.diagnostic(`${rendered} of ${rounds} render, the others fail in both`);
  assert.ok(rendered > rounds / 4, 'too few of the random templates render');
  holds(asked);
});

/** Template → what we do where Go does something else. docs/templates.md says why. */
const onPurpose: readonly (readonly [text: string, ours: string | undefined])[] = [
  ['{{ b64dec "%%" }}', undefined],
  ['{{ b32dec "1" }}', undefined],
  ['{{ printf "%x" 1.5 }}', '%!x(float64=1.5)'],
  ['{{ printf "%#g" 1.5 }}', '1.5'],
  ['{{ nospace "é x" }}', '\xc3\xa9x'],
  ['{{ initials "é x" }}', '\xc3\xa9x'],
  ['{{ fromJson "{\\"a\\":1,\\"a\\":2}" }}', '<no value>'],
  ['{{ 1i }}', undefined],
  ['{{ regexMatch "(" "a" }}', undefined],
  ['{{ printf "%0200000d%s" 1 (repeat 2000000 "x") }}', undefined],
];

test('what differs from Go on purpose differs as documented', { skip: go.skip }, () => {
  const asked = onPurpose.map(([text]) => ({ text }));
  assert.deepEqual(
    differences(asked).map(({ text }) => text),
    asked.map(({ text }) => text),
  );
  for (const [text, ours] of onPurpose) {
    const outcome = inCoffer(data, { text });
    assert.equal('output' in outcome ? outcome.output : undefined, ours, text);
  }
});
