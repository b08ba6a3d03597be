/** What every engine must do, whatever it is for: keep to what it declares, refuse politely, lose nothing, leak nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { Reply, type Row, type Verb } from '@coffer/schema/row.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Capability, Engine } from '@coffer/server/contracts/engine.ts';
import { seededDice } from '../fuzz/http-dice.ts';
import { CutOff, EngineBed } from './engine-bed.ts';

const callsForEachRow = 60;
const capabilities: readonly Capability[] = [
  'storage',
  'clock',
  'random',
  'mountInfo',
  'caller',
  'http',
  'jwt',
  'pod',
  'yaml',
];
/** Found nowhere in refusals, warnings and events. */
const canary = 'kanarienvogel-7f3a';

/** What the rows of all engines need to write something; each takes of it what it knows. */
const wanted = {
  data: { a: 1 },
  kubernetes_host: '10.0.0.1:6443',
  bound_service_account_names: 'a',
  bound_service_account_namespaces: 'a',
};
const sample = JSON.stringify(wanted);
const changed = JSON.stringify({
  ...wanted,
  data: { a: 2 },
  versions: [1],
  max_versions: 1,
  custom_metadata: { a: 'b' },
  audience: 'b',
  issuer: 'b',
});

/** Every row that writes has written once. */
const written = async (engine: Engine): Promise<EngineBed> => {
  const bed = new EngineBed(engine);
  for (const row of engine.rows as readonly AnyRow[])
    if (row.verb === 'write') await bed.call('write', row.path.replace(/:[^/]+/, 'a'), { json: sample });
  return bed;
};

type Dice = ReturnType<typeof seededDice>;
type AnyRow = Row<never>;

const oddPaths: readonly string[] = [
  'a',
  'a/b',
  'A',
  'é',
  '😀/x',
  'a b',
  'constructor',
  '__proto__',
  'a'.repeat(2000),
  'é'.repeat(600),
  'a/'.repeat(400),
  '..',
  'a/../b',
  '%2e%2e',
  'a\\b',
  'a;b',
  '',
];

/** The name of a parameter in a row's path. */
const parameterOf = (segment: string): string | undefined => /^:([^*?]+)[*?]{0,2}$/.exec(segment)?.[1];

/** A value for a field: mostly what its kind calls odd, sometimes something of another kind altogether. */
const someValue = (row: AnyRow, name: string, dice: Dice): unknown => {
  if (dice.chance(4))
    return dice.pick<unknown>([canary, { [canary]: canary }, [canary], 1e300, -1, null, { a: { b: canary } }]);
  return row.in[name]?.kind.arbitrary(choices => dice.pick(choices));
};

/** The row's path with its parameters filled in. */
const somePath = (row: AnyRow, dice: Dice): string =>
  row.path
    .split('/')
    .map(segment => (parameterOf(segment) === undefined ? segment : dice.pick(oddPaths)))
    .filter(segment => segment !== '')
    .join('/');

const someFields = (row: AnyRow, dice: Dice): { readonly [name: string]: unknown } => {
  const taken = new Set(row.path.split('/').map(segment => parameterOf(segment)));
  const names = Object.keys(row.in).filter(name => !taken.has(name) && !dice.chance(4));
  return Object.fromEntries(names.map(name => [name, someValue(row, name, dice)]));
};

const isText = (value: unknown): value is string => typeof value === 'string';

const tableTests = (engine: Engine, name: string): void => {
  test(`${name}: its rows name their parameters, and no two stand at one path`, () => {
    assert.ok(engine.summary !== '' && !engine.summary.endsWith('.'));
    assert.ok(new EngineBed(engine));
    for (const row of engine.rows as readonly AnyRow[]) {
      assert.match(row.summary, /^[A-Z].*[^.]$/, row.path);
      for (const segment of row.path.split('/')) {
        const parameter = parameterOf(segment);
        if (parameter !== undefined) assert.ok(parameter in row.in, `${row.path}: ${parameter}`);
      }
      const isLogin = engine.kind === 'auth' && row.access === 'open';
      assert.ok(isLogin || row.access === 'token', `${row.path}: rows open to strangers or sudo are listed elsewhere`);
    }
  });

  test(`${name}: it declares what it needs, and only what there is`, () => {
    assert.ok(engine.needs.every(need => capabilities.includes(need)));
    assert.equal(new Set(engine.needs).size, engine.needs.length);
  });
};

const refusalTests = (engine: Engine, name: string): void => {
  test(`${name}, S11: odd requests are answered or refused, never anything else, and refusals name no values`, async () => {
    for (const [index, row] of (engine.rows as readonly AnyRow[]).entries()) {
      const dice = seededDice(index + 1);
      const bed = await written(engine);
      for (let call = 0; call < callsForEachRow; call += 1) {
        const path = somePath(row, dice);
        const fields = someFields(row, dice);
        const texts = Object.fromEntries(
          Object.entries(fields).filter((entry): entry is [string, string] => isText(entry[1])),
        );
        const request =
          row.body === 'json'
            ? { body: row.wholeBody === undefined ? fields : someValue(row, row.wholeBody, dice) }
            : { query: texts };
        const { status, error, warnings } = await bed.call(row.verb, path, request);
        const shown = JSON.stringify({ path, request });
        assert.ok(status === 413 || (status >= 200 && status <= 410), `${status} ${shown}`);
        assert.doesNotMatch(`${error} ${warnings.join(' ')}`, new RegExp(canary), shown);
      }
      for (const { payload } of bed.storage.events)
        assert.doesNotMatch(new TextDecoder().decode(payload), new RegExp(canary));
    }
  });

  test(`${name}, S5: keys of records stay below what a storage takes, and none ends in a slash`, async () => {
    const bed = new EngineBed(engine);
    for (const path of oddPaths)
      for (const row of engine.rows as readonly AnyRow[])
        if (row.verb === 'write') await bed.call('write', row.path.replace(/:[^/]+/, path), { json: changed });
    const keys = [...(await bed.storage.dump()).keys()];
    assert.ok(keys.length > 0);
    for (const key of keys) assert.ok(!key.endsWith('/') && Buffer.byteLength(key) <= 832, key);
  });
};

const existsTests = (engine: Engine, name: string): void => {
  test(`${name}: whether a write is a create or an update is told for any caller and path, never refused`, async () => {
    const bed = new EngineBed(engine);
    const writes = (engine.rows as readonly AnyRow[]).filter(row => row.exists !== undefined);
    assert.ok(writes.length > 0);
    for (const tokenType of ['service', 'batch', 'none'] as const) {
      bed.caller = { tokenType, tokenId: tokenType === 'service' ? 'x' : undefined, displayName: '', entityId: '' };
      for (const row of writes)
        for (const path of ['a', '', 'a/', 'a'.repeat(2000)])
          assert.equal(await row.exists?.(bed.context() as never, { path, name: path } as never), false);
    }
  });
};

const pureTests = (engine: Engine, name: string): void => {
  test(`${name}: rows that say they change nothing change nothing`, async () => {
    const bed = new EngineBed(engine);
    const rows = engine.rows as readonly AnyRow[];
    const all = rows.map(row => [row, row.path.replace(/:[^/]+/, 'a')] as const);
    for (const [row, path] of all)
      if (!row.pure && row.verb === 'write') await bed.call(row.verb, path, { json: sample });
    const { commits } = bed.storage;
    assert.ok(commits > 0);
    for (const [row, path] of all) {
      assert.ok(row.pure || !readingVerbs.includes(row.verb), path);
      if (row.pure) await bed.call(row.verb, path, {});
    }
    assert.equal(bed.storage.commits, commits);
  });
};

const readingVerbs: readonly Verb[] = ['read', 'list', 'scan'];

const crashTests = (engine: Engine, name: string): void => {
  test(`${name}, F1: a call that was cut off has done everything or nothing`, async () => {
    for (const row of engine.rows as readonly AnyRow[]) {
      if (row.pure) continue;
      const path = row.path.replace(/:[^/]+/, 'a');
      const request = { json: changed };
      const { before, after, cutOff } = await states(engine, bed => bed.call(row.verb, path, request));
      for (const [when, dump] of cutOff)
        assert.deepEqual(dump, when === 'before' ? before : after, `${row.verb} ${row.path}`);
    }
  });
};

type Dump = ReadonlyMap<string, string>;

const states = async (engine: Engine, act: (bed: EngineBed) => Promise<unknown>) => {
  const whole = await written(engine);
  const before = await whole.storage.dump();
  const { commits } = whole.storage;
  await act(whole);
  const after = await whole.storage.dump();
  const cutOff: (readonly ['before' | 'after', Dump])[] = [];
  for (const when of ['before', 'after'] as const) {
    const bed = await written(engine);
    bed.storage.cut = { commit: commits, when };
    if (whole.storage.commits > commits) await assert.rejects(act(bed), CutOff);
    if (whole.storage.commits > commits) cutOff.push([when, await bed.storage.dump()]);
  }
  return { before, after, cutOff };
};

const answerTests = (engine: Engine, name: string): void => {
  test(`${name}: what a row answers can be written as JSON`, async () => {
    const bed = new EngineBed(engine);
    for (const row of engine.rows as readonly AnyRow[]) {
      const args = {
        path: 'a',
        version: 0,
        depth: 0,
        data: new RawJson(new TextEncoder().encode('{"a":1}')),
        name: 'a',
        jwt: Secret.of('a'),
      };
      try {
        const answer: unknown = await row.run(bed.context() as never, args as never);
        const data = answer instanceof Reply ? answer.data : (answer as Reply['data']);
        assert.ok(writeJson(data ?? null).length > 0);
      } catch (error) {
        if (!(error instanceof CofferError)) throw error;
      }
    }
  });
};

export const engineConformance = (engine: Engine): void => {
  const name = engine.variant === undefined ? engine.type : `${engine.type} ${engine.variant.value}`;
  tableTests(engine, name);
  refusalTests(engine, name);
  existsTests(engine, name);
  pureTests(engine, name);
  crashTests(engine, name);
  answerTests(engine, name);
};
