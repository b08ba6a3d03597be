/** The operator dies, has a double, loses the API server: nothing is left half done, and nothing is done twice. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from './cluster/processes.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

const many = 120;
let bed: Bed;
let operator: OperatorProcess | undefined;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  await bed.makeStore('coffer');
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

const names = Array.from({ length: many }, (_, i) => `many-${i}`);
const valuesOf = (name: string, round: number) => ({ one: `canary-${name}-${round}`, two: `canary-${name}-${round}` });
const extract = (name: string) => ({ data: undefined, dataFrom: [{ extract: { key: `team/${name}` } }] });

const putAll = async (round: number): Promise<void> => {
  for (const name of names) await bed.put(`team/${name}`, valuesOf(name, round));
};

const allRight = (round: number): Promise<true> =>
  until(`all being right in round ${round}`, async () => {
    for (const name of names) {
      const values = await bed.values(name);
      if (values?.['one'] !== valuesOf(name, round).one || values['two'] !== values['one']) return undefined;
      if ((await bed.ready('ExternalSecret', name))?.status !== 'True') return undefined;
    }
    return true;
  });

/** Of one moment: both keys are there, and of one round. */
const halfDone = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of names) {
    const values = await bed.values(name);
    if (values !== undefined && (values['one'] === undefined || values['one'] !== values['two'])) found.push(name);
  }
  return found;
};

const someWritten = (isWritten: (values: { readonly [key: string]: string }) => boolean): Promise<true> =>
  until('some Secrets being written', async () => {
    for (const name of names.slice(0, 8)) {
      const values = await bed.values(name);
      if (values !== undefined && isWritten(values)) return true;
    }
    return undefined;
  });

test('killed while it makes Secrets: none is half made; the next one makes the rest', need, async () => {
  await putAll(1);
  for (const name of names) await bed.wants(name, '', { spec: extract(name) });
  operator = await startOperator(bed.cluster);
  await someWritten(() => true);
  assert.equal(await operator.stop('SIGKILL'), 'SIGKILL');
  assert.deepEqual(await halfDone(), []);
  operator = await startOperator(bed.cluster);
  await allRight(1);
});

test(
  'killed while it changes Secrets: none is half changed; what was missed meanwhile is read again',
  need,
  async () => {
    const changing = putAll(2);
    await someWritten(values => values['one']?.endsWith('-2') === true);
    await operator?.stop('SIGKILL');
    await changing;
    assert.deepEqual(await halfDone(), []);
    operator = await startOperator(bed.cluster);
    await allRight(2);
  },
);

test('the API server goes away and comes back: what changed meanwhile arrives', need, async () => {
  await bed.cluster.apiServer.stop();
  await bed.put('team/many-0', valuesOf('many-0', 3));
  await bed.cluster.apiServer.start();
  await bed.untilValues('many-0', valuesOf('many-0', 3));
  await bed.put('team/many-0', valuesOf('many-0', 4));
  await bed.untilValues('many-0', valuesOf('many-0', 4));
});

const writes = (): number =>
  bed.cluster
    .audit()
    .filter(
      ({ userAgent, verb, objectRef, stage }) =>
        userAgent === 'coffer-operator' &&
        ['create', 'patch', 'update', 'delete'].includes(verb) &&
        ['secrets', 'externalsecrets'].includes(objectRef?.resource ?? '') &&
        stage === 'ResponseComplete',
    ).length;

test('started anew where all is in step: everything is read again in the store, nothing is written', need, async () => {
  await until('all audited', async () => {
    const sofar = writes();
    await wait(500);
    return writes() === sofar ? true : undefined;
  });
  const written = writes();
  assert.equal(await operator?.stop(), 0);
  await bed.put('team/many-9', valuesOf('many-9', 4));
  operator = await startOperator(bed.cluster);
  await bed.untilValues('many-9', valuesOf('many-9', 4));
  await bed.put('team/many-8', valuesOf('many-8', 4));
  await bed.untilValues('many-8', valuesOf('many-8', 4));
  await wait(1000);
  assert.equal(writes() - written, 4, 'two writes for each of the two that changed');
});

test('stopped, it ends what is under way and says goodbye', need, async () => {
  const changing = putAll(5);
  await someWritten(values => values['one']?.endsWith('-5') === true);
  assert.equal(await operator?.stop('SIGTERM'), 0);
  operator = undefined;
  await changing;
  assert.deepEqual(await halfDone(), []);
});

const lists = (): number =>
  bed.cluster
    .audit()
    .filter(
      ({ userAgent, verb, objectRef, stage }) =>
        userAgent === 'coffer-operator' &&
        verb === 'list' &&
        objectRef?.resource === 'externalsecrets' &&
        stage === 'ResponseComplete',
    ).length;

const isActing = ({ said }: OperatorProcess): boolean => said().includes('operator started!');

test('of two replicas one acts; killed, the other one takes over; stopped, at once', need, async () => {
  const listsBefore = lists();
  const replicas: OperatorProcess[] = [];
  for (let i = 0; i < 3; i++) replicas.push(await startOperator(bed.cluster, '-enable-leader-election=true'));
  const acting = await until('one acting', async () => replicas.find(isActing));
  await allRight(5);
  assert.equal(replicas.filter(isActing).length, 1);
  assert.equal(lists() - listsBefore, 1, 'who waits reads nothing');
  await acting.stop('SIGKILL');
  await bed.put('team/many-1', valuesOf('many-1', 6));
  await bed.untilValues('many-1', valuesOf('many-1', 6));
  const second = await until('the second acting', async () => replicas.find(one => one !== acting && isActing(one)));
  assert.equal(await second.stop(), 0);
  await bed.put('team/many-1', valuesOf('many-1', 7));
  await bed.untilValues('many-1', valuesOf('many-1', 7));
  for (const one of replicas) if (one !== acting && one !== second) assert.equal(await one.stop(), 0);
});
