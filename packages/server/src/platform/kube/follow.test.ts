import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, KubeReader, ObjectList, WatchEvent } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Clock } from '../../contracts/clock.ts';
import { realClock } from '../clock/real.ts';
import { realRandom } from '../random/real.ts';
import { unanswered, refused } from './error.ts';
import { type Change, follow } from './follow.ts';

const real = realClock();
/** A hundred times too fast. */
const clock: Clock = { ...real, after: (delayMs, task) => real.after(delayMs / 100, task) };

const resource = { group: '', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };

const thing = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'a', uid, resourceVersion },
});
const event = (type: WatchEvent['type'], object: KubeObject): WatchEvent => ({ type, object });
const expired = refused({ status: 410, body: undefined }, { what: 'watch things', secret: false });
const broken = unanswered('NoAnswer', 'watch things: broken', true);

type Watch = readonly (WatchEvent | Error)[];
type Told = string;

interface Script {
  readonly lists: (readonly [version: string, items: readonly KubeObject[]] | Error)[];
  readonly watches: Watch[];
}

/** A faked reader that plays a script; once it is over, the following is stopped. */
const play = async ({ lists, watches }: Script) => {
  const aborter = new AbortController();
  const from: string[] = [];
  const told: Told[] = [];
  const logged: string[] = [];
  const todos: unknown[] = [];
  const log: Log = {
    write: (level, message, fields) => {
      logged.push(`${level} ${message}`);
      todos.push(fields?.['todo']);
    },
    with: () => log,
  };
  const reader: Pick<KubeReader, 'list' | 'watch'> = {
    list: async (): Promise<ObjectList> => {
      const list = lists.shift() ?? assert.fail('one list too many');
      if (list instanceof Error) throw list;
      return { resourceVersion: list[0], items: list[1] };
    },
    watch: async function* (_, { resourceVersion }) {
      from.push(resourceVersion);
      for (const one of watches.shift() ?? []) {
        if (one instanceof Error) throw one;
        yield one;
      }
      if (watches.length === 0) aborter.abort();
    },
  };
  const changed = (change: Change<string>): void => {
    const before = change.type === 'modified' ? `${change.before}>` : '';
    const gone = change.type === 'deleted' ? ` at ${change.goneAt}` : '';
    told.push(`${change.type} ${change.at.name} ${before}${change.remembered}${gone}`);
  };
  const project = ({ metadata }: KubeObject): string => `v${metadata.resourceVersion}`;
  const sink = { changed, synced: () => void told.push('synced') };
  const options = { reader, resource, selection: {}, project, sink, clock, random: realRandom(), log };
  await follow(options, aborter.signal);
  return { told, from, logged, todos };
};

test('what is listed, then what is watched, is told in order', async () => {
  const { told, from } = await play({
    lists: [['5', [thing('x', '3')]]],
    watches: [[event('added', thing('y', '6')), event('modified', thing('x', '7')), event('deleted', thing('y', '8'))]],
  });
  assert.deepEqual(told, ['added x v3', 'synced', 'added y v6', 'modified x v3>v7', 'deleted y v6 at 8']);
  assert.deepEqual(from, ['5']);
});

test('after a watch has ended or broken, the next one goes on from the last version, bookmarks included', async () => {
  const { told, from } = await play({
    lists: [['5', []]],
    watches: [
      [event('added', thing('x', '6'))],
      [event('bookmark', thing('', '9')), broken],
      [event('modified', thing('x', '10'))],
    ],
  });
  assert.deepEqual(told, ['synced', 'added x v6', 'modified x v6>v10']);
  assert.deepEqual(from, ['5', '6', '9']);
});

test('after 410 it lists anew, and tells what vanished and what came meanwhile, and nothing twice', async () => {
  const { told, from } = await play({
    lists: [
      ['5', [thing('x', '1'), thing('y', '2'), thing('z', '3')]],
      ['20', [thing('z', '3'), thing('y', '15'), thing('w', '16')]],
    ],
    watches: [[expired], []],
  });
  const first = ['added x v1', 'added y v2', 'added z v3', 'synced'];
  assert.deepEqual(told, [...first, 'modified y v2>v15', 'added w v16', 'deleted x v1 at 20', 'synced']);
  assert.deepEqual(from, ['5', '20']);
});

test('another object of the same name is another object', async () => {
  const { told } = await play({
    lists: [
      ['5', [thing('x', '1', 'one')]],
      ['9', [thing('x', '7', 'two')]],
    ],
    watches: [[expired], [event('modified', thing('x', '12', 'three'))]],
  });
  assert.deepEqual(told, [
    'added x v1',
    'synced',
    'deleted x v1 at 7',
    'added x v7',
    'synced',
    'deleted x v7 at 12',
    'added x v12',
  ]);
});

test('a list that fails is tried again, and said once', async () => {
  const { told, logged } = await play({
    lists: [broken, broken, ['5', [thing('x', '1')]]],
    watches: [[event('modified', thing('x', '6'))]],
  });
  assert.deepEqual(told, ['added x v1', 'synced', 'modified x v1>v6']);
  assert.deepEqual(logged, [
    'warn the Kubernetes API cannot be followed; trying again',
    'info the Kubernetes API is followed again',
  ]);
});

test('what does not mend itself is said with what to do', async () => {
  for (const [status, words] of [
    [401, /log in/],
    [403, /give this right/],
    [404, /install its definition/],
  ] as const) {
    const refusal = refused({ status, body: undefined }, { what: 'list things', secret: false });
    const { todos } = await play({ lists: [refusal, ['5', []]], watches: [[event('added', thing('x', '6'))]] });
    assert.match(String(todos[0]), words);
  }
});

test('what the sink throws is the caller’s to know', async () => {
  const reader: Pick<KubeReader, 'list' | 'watch'> = {
    list: async () => ({ resourceVersion: '1', items: [thing('x', '1')] }),
    watch: () => assert.fail('it must not come so far'),
  };
  const log: Log = { write: () => undefined, with: () => log };
  const sink = {
    changed: () => {
      throw new Error('a fault');
    },
    synced: () => undefined,
  };
  const options = {
    reader,
    resource,
    selection: {},
    project: String,
    sink,
    clock,
    random: realRandom(),
    log,
  };
  await assert.rejects(follow(options, new AbortController().signal), /a fault/);
});

test('pages that begin anew take back what the ones before them said', async () => {
  const aborter = new AbortController();
  const told: string[] = [];
  const page = (first: boolean, ...names: string[]) => ({
    first,
    resourceVersion: '5',
    items: names.map(name => thing(name, '1')),
  });
  const reader: Parameters<typeof follow>[0]['reader'] = {
    list: () => assert.fail('there are pages'),
    pages: async function* () {
      yield page(true, 'x');
      yield page(true, 'y');
      yield page(false, 'z');
    },
    // oxlint-disable-next-line require-yield -- it tells of nothing
    watch: async function* () {
      aborter.abort();
    },
  };
  const log: Log = { write: () => undefined, with: () => log };
  const changed = ({ type, at }: Change<unknown>) => void told.push(`${type} ${at.name}`);
  const sink = { changed, synced: () => void told.push('synced') };
  const options = { reader, resource, selection: {}, project: () => 0, sink, clock, random: realRandom(), log };
  await follow(options, aborter.signal);
  assert.deepEqual(told, ['added x', 'added y', 'added z', 'deleted x', 'synced']);
});
