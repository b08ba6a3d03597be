import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { EventFacts } from '../events/event-facts.ts';
import { eventFilter } from '../events/filter.ts';
import { ToldEvent } from '../events/told-event.ts';
import { filterLimit } from './lex.ts';
import { depthLimit } from './parse.ts';

const facts: EventFacts = {
  id: 'id',
  type: 'kv-v2/data-write',
  timeMs: 0,
  revision: 1,
  resumeAt: 1,
  metadata: new Map([
    ['operation', 'data-write'],
    ['data_path', 'secret/data/foo'],
    ['path', 'secret/data/foo'],
  ]),
  mount: { prefix: 'secret/' } as NonNullable<EventFacts['mount']>,
  source: '',
};
const event = new ToldEvent(facts);
const holds = (text: string): boolean => eventFilter(text)(event);

test('comparisons say what they mean', () => {
  const cases: readonly (readonly [text: string, holds: boolean])[] = [
    ['data_path == secret/data/foo', true],
    ['data_path == "secret/data/foo"', true],
    ['data_path==`secret/data/foo`', true],
    ['data_path != secret/data/foo', false],
    ['data_path == secret/data/foo and operation != "data-write"', false],
    ['event_type == kv-v2/data-write and source_plugin_mount == "secret/"', true],
    ['operation == "x" or operation == "data-write"', true],
    ['operation == x or operation == y and data_path == secret/data/foo', false],
    ['(operation == x or operation == data-write) and data_path == secret/data/foo', true],
    ['not operation == x', true],
    ['not (operation == x or data_path is empty)', true],
    ['not not operation == x', false],
    ['namespace is empty', true],
    ['namespace is not empty', false],
    ['data_path is not empty', true],
    ['data_path contains data', true],
    ['data_path not contains data', false],
    ['"data/f" in data_path', true],
    ['other not in data_path', true],
    ['operation == "\\"\\\\"', false],
    ['OPERATION == x', false],
  ];
  for (const [text, expected] of cases.slice(0, -1)) assert.equal(holds(text), expected, text);
  assert.throws(() => holds('OPERATION == x'), /expected one of event_type/);
});

test('what is no filter is refused: where, and what was expected, never what stood there', () => {
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /it is empty/],
    ['   ', /it is empty/],
    ['operation', /expected a comparison.* at character 10/],
    ['operation ==', /expected a name or a value at character 13/],
    ['operation == x y', /expected "and", "or" or the end at character 16/],
    ['operation == x and', /expected a name or a value/],
    ['(operation == x', /expected "\)" at character 16/],
    ['operation == x)', /expected "and", "or" or the end/],
    ['canary == x', /expected one of event_type, operation/],
    ['"a" in canary', /expected one of event_type/],
    ['operation is full', /expected "empty" at character 14/],
    ['operation matches "(a+)+$"', /"matches" is not supported, use "contains"/],
    ['operation = x', /an unexpected character at character 11/],
    ['operation == "canary', /a text without an end at character 14/],
    ['operation == `canary', /a text without an end/],
    ['operation ! x', /an unexpected character/],
    ['== x', /expected a name or a value at character 1/],
    [`${'('.repeat(depthLimit + 1)}operation == x`, /nested deeper than 32/],
    [`${'not '.repeat(depthLimit + 1)}operation == x`, /nested deeper than 32/],
    ['x'.repeat(filterLimit + 1), /longer than 4096 characters/],
  ];
  for (const [text, message] of cases) {
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof CofferError && error.code === 'invalid_request', text);
      assert.match(error.message, message, text);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    };
    assert.throws(() => eventFilter(text), refused);
  }
});

test('as deep as it may be', () => {
  assert.equal(holds(`${'('.repeat(depthLimit)}operation == data-write${')'.repeat(depthLimit)}`), true);
});
