import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageJson, coveragePage, readCoverageJson } from './coverage-page.ts';
import { coverage, operationKey, peerOperations } from './coverage.ts';
import { sample } from './fixture/rows.ts';

const peer = `/lock/keys/{key}\tGET+LIST,POST,DELETE\t[sudo] [create]
/lock/keys/\tLIST
/lock/random/{urlbytes}\tGET
/lock/other\tPOST
/lock/^.*$\t
not a path
`;

test('the lines of the peer are operations, names of parameters apart', () => {
  const keys = peerOperations(peer).map(operationKey);
  assert.deepEqual(keys, [
    'read /lock/keys/{}',
    'list /lock/keys/{}',
    'write /lock/keys/{}',
    'delete /lock/keys/{}',
    'list /lock/keys',
    'read /lock/random/{}',
    'write /lock/other',
  ]);
});

const tests = new Map([
  ['read /lock/keys/{}', ['a | b', 'c']],
  ['write /lock/other', ['claims what is not there']],
]);
const refusals = new Map([
  ['read /lock/keys/{}', ['d']],
  ['delete /lock/keys/{}', ['e']],
]);
const entries = coverage({ peer, served: [sample], tests, refusals });
const state = (key: string): unknown => entries.find(entry => operationKey(entry) === key)?.state;

test('an operation is tested, refused by design, untested or missing; a refusal is no success', () => {
  assert.equal(state('read /lock/keys/{}'), 'tested');
  assert.equal(state('delete /lock/keys/{}'), 'refused');
  assert.equal(state('write /lock/keys/{}'), 'untested');
  assert.equal(state('list /lock/keys/{}'), 'missing');
  assert.equal(state('read /lock/ca.pem'), 'untested');
});

test('a test cannot make an operation that is not there', () => {
  assert.equal(state('write /lock/other'), 'missing');
});

test('the page counts what the peer has, and lists every operation', () => {
  const page = coveragePage(entries);
  assert.match(page, /\| lock \| 7 \| 1 \| 1 \| 3 \| 2 \| 0 \|/);
  assert.match(page, /\| `\/lock\/keys\/\{key\}` \| GET \| a \\\| b \|/);
  assert.match(page, /\| `\/lock\/keys\/\{key\}` \| DELETE \| refused by design: e \|/);
  assert.match(page, /\| `\/lock\/other` \| POST \| missing \|/);
});

test('the JSON reads back as it was written', () => {
  const text = coverageJson(entries);
  const read = readCoverageJson(text);
  assert.deepEqual(read.tests, new Map([['read /lock/keys/{}', ['a | b', 'c']]]));
  assert.deepEqual(read.refusals, refusals);
});
