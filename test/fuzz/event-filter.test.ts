/**
 * Filters of events on made-up texts: a filter that was built from a tree says what the tree says, and any other text is
 * a filter or ends in the one error. The seed is printed on failure; `COFFER_FUZZ_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { EventFacts } from '../../packages/server/src/core/events/event-facts.ts';
import { eventFilter } from '../../packages/server/src/core/events/filter.ts';
import { ToldEvent } from '../../packages/server/src/core/events/told-event.ts';
import { seededDice } from './http-dice.ts';

const rounds = 5000;
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261126');
const dice = seededDice(seed);

const operations = ['data-write', 'delete', '', 'é😀', 'a "b" \\', 'and'];
const selectors = ['operation', 'data_path', 'event_type', 'source_plugin_mount', 'namespace'] as const;
type Values = { readonly [S in (typeof selectors)[number]]: string };

const someValues = (): Values => ({
  operation: dice.pick(operations),
  data_path: dice.pick(['secret/data/a', 'secret/data/ab', '']),
  event_type: dice.pick(['kv-v2/data-write', 'kv-v1/delete']),
  source_plugin_mount: dice.pick(['secret/', 'other/']),
  namespace: '',
});

const eventOf = (values: Values): ToldEvent =>
  new ToldEvent({
    id: '',
    type: values.event_type,
    timeMs: 0,
    revision: 1,
    resumeAt: 1,
    metadata: new Map([
      ['operation', values.operation],
      ['data_path', values.data_path],
    ]),
    mount: { prefix: values.source_plugin_mount } as NonNullable<EventFacts['mount']>,
    source: '',
  });

interface Tree {
  readonly text: string;
  readonly holds: (values: Values) => boolean;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

const comparison = (): Tree => {
  const selector = dice.pick(selectors);
  const value = dice.pick([...operations, 'secret/', 'kv-v1/delete', 'secret/data/a', 'data']);
  return dice.pick<Tree>([
    { text: `${selector} == ${quoted(value)}`, holds: values => values[selector] === value },
    { text: `${selector} != ${quoted(value)}`, holds: values => values[selector] !== value },
    { text: `${selector} is empty`, holds: values => values[selector] === '' },
    { text: `${selector}  is not empty`, holds: values => values[selector] !== '' },
    { text: `${selector} contains ${quoted(value)}`, holds: values => values[selector].includes(value) },
    { text: `${quoted(value)} not in ${selector}`, holds: values => !values[selector].includes(value) },
  ]);
};

const someTree = (depth: number): Tree => {
  if (depth === 0 || dice.chance(3)) return comparison();
  const [left, right] = [someTree(depth - 1), someTree(depth - 1)];
  return dice.pick<Tree>([
    { text: `(${left.text}) and (${right.text})`, holds: values => left.holds(values) && right.holds(values) },
    { text: `(${left.text}) or\n(${right.text})`, holds: values => left.holds(values) || right.holds(values) },
    { text: `not (${left.text})`, holds: values => !left.holds(values) },
  ]);
};

test('a filter says what the tree says that it was written from', () => {
  for (let round = 0; round < rounds; round++) {
    const { text, holds } = someTree(4);
    const filter = eventFilter(text);
    const values = someValues();
    assert.equal(filter(eventOf(values)), holds(values), `seed ${seed}: ${text} of ${JSON.stringify(values)}`);
  }
});

const damaged = (text: string): string => {
  const at = dice.below(text.length + 1);
  const inserted = dice.pick(['', '(', ')', '"', '`', '=', '!', '\\', '\0', '\u2028', ' and ', ' not ', '😀', ' in ']);
  return text.slice(0, at) + inserted + text.slice(at + dice.below(3));
};

test('whatever else is given is a filter, or refused', () => {
  for (let round = 0; round < rounds; round++) {
    const text = damaged(damaged(someTree(3).text));
    try {
      eventFilter(text)(eventOf(someValues()));
    } catch (error) {
      assert.ok(error instanceof CofferError && error.code === 'invalid_request', `seed ${seed}: ${text}`);
    }
  }
});
