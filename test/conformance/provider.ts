/** What every provider must do: answer what is stored, and take nothing but proven absence for absence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Provider, RemoteRef } from '../../packages/server/src/contracts/provider.ts';

export interface ProviderBed {
  readonly provider: Provider;
  /** The texts of what a store must never tell beside its answers, such as its token. */
  readonly canaries: readonly string[];
  /** Makes the store fail in this way until what it answers is called. */
  fail(fault: string): Promise<() => Promise<void>>;
}

export interface ProviderSuite {
  /** A store with one secret, `stored`, as JSON text; a bed for each test. */
  open(json: string): Promise<ProviderBed>;
  /** Of `stored`. */
  readonly key: string;
  /** Where nothing is. */
  readonly absentKey: string;
  /** Ways to fail → how the refusal must be called. */
  readonly faults: ReadonlyMap<string, string>;
}

export const stored =
  '{"text":"canary-text","empty":"","null":null,"yes":true,"big":123456789012345678901234567890,"price":1.50,"deep":{"a":[1,{"b.c":"canary-deep"}],"n":1e2}}';

const read = async (provider: Provider, ref: RemoteRef): Promise<string | undefined> =>
  (await provider.read(ref))?.revealText();

const texts = (all: ReadonlyMap<string, Secret> | undefined) =>
  all === undefined ? undefined : Object.fromEntries([...all].map(([name, value]) => [name, value.revealText()]));

/** A `CofferError` that nobody could take for absence, and that tells no secret. */
const failure = (canaries: readonly string[], code?: string) => (error: unknown) => {
  assert.ok(error instanceof CofferError, String(error));
  if (code !== undefined) assert.equal(error.code, code, error.message);
  assert.notEqual(error.code, 'not_found', error.message);
  assert.notEqual(error.publicMessage, '');
  const told = `${error.message} ${error.publicMessage} ${error.stack} ${inspect(error, { depth: 10 })}`;
  for (const canary of [...canaries, 'canary-text', 'canary-deep']) assert.ok(!told.includes(canary), `told ${canary}`);
  return true;
};

const valueTests = (name: string, suite: ProviderSuite): void => {
  const { key, absentKey } = suite;
  const values: readonly [property: string, text: string][] = [
    ['text', 'canary-text'],
    ['empty', ''],
    ['null', ''],
    ['yes', 'true'],
    ['big', '123456789012345678901234567890'],
    ['price', '1.50'],
    ['deep.n', '100'],
    ['deep.a', '[1,{"b.c":"canary-deep"}]'],
    ['deep.a.1.b\\.c', 'canary-deep'],
  ];

  test(`${name}: a property is the bytes of its value`, async () => {
    const { provider } = await suite.open(stored);
    for (const [property, text] of values) assert.equal(await read(provider, { key, property }), text, property);
  });

  test(`${name}: without property it is all of the secret, and every property by its name`, async () => {
    const { provider } = await suite.open(stored);
    assert.equal(await read(provider, { key }), stored);
    const all = texts(await provider.readAll({ key }));
    assert.deepEqual(Object.keys(all ?? {}), ['text', 'empty', 'null', 'yes', 'big', 'price', 'deep']);
    assert.equal(all?.['deep'], '{"a":[1,{"b.c":"canary-deep"}],"n":1e2}');
    assert.deepEqual(Object.keys(texts(await provider.readAll({ key, property: 'deep' })) ?? {}), ['a', 'n']);
  });

  test(`${name}: what is not there is undefined, also when many ask at once`, async () => {
    const { provider } = await suite.open(stored);
    const refs = [{ key: absentKey }, { key: absentKey, property: 'text' }, { key }, { key, property: 'yes' }];
    const found = await Promise.all(Array.from({ length: 40 }, (_, at) => read(provider, refs[at % 4] ?? { key })));
    assert.deepEqual(new Set(found), new Set([undefined, stored, 'true']));
    assert.equal(await provider.readAll({ key: absentKey }), undefined);
  });

  test(`${name}: a property that is missing is a failure, not absence`, async () => {
    const { provider, canaries } = await suite.open(stored);
    for (const property of ['gone', 'deep.gone', 'text.gone', '__proto__', 'constructor', 'deep.a.7'])
      await assert.rejects(provider.read({ key, property }), failure(canaries, 'invalid_request'), property);
    await assert.rejects(
      provider.read({ key, property: 'gone' }),
      /^CofferError: cannot find secret data for key: "gone"/,
    );
    for (const property of ['text', 'yes', 'gone'])
      await assert.rejects(provider.readAll({ key, property }), failure(canaries, 'invalid_request'), property);
  });
};

const faultTests = (name: string, suite: ProviderSuite): void => {
  const { key, absentKey, faults } = suite;
  for (const [fault, code] of faults) {
    test(`${name}: ${fault} is a failure for what is there and for what is not, until it is over`, async () => {
      const bed = await suite.open(stored);
      const { provider, canaries } = bed;
      await provider.check();
      const over = await bed.fail(fault);
      for (const asked of [key, absentKey]) {
        await assert.rejects(provider.read({ key: asked }), failure(canaries, code), asked);
        await assert.rejects(provider.read({ key: asked, property: 'text' }), failure(canaries, code), asked);
        await assert.rejects(provider.readAll({ key: asked }), failure(canaries, code), asked);
      }
      await over();
      assert.equal(await read(provider, { key, property: 'text' }), 'canary-text');
      assert.equal(await read(provider, { key: absentKey }), undefined);
    });
  }

  test(`${name}: a provider shows no secret`, async () => {
    const { provider, canaries } = await suite.open(stored);
    await provider.read({ key });
    const shown = `${inspect(provider, { depth: 20, showHidden: true })} ${inspect(await provider.readAll({ key }))}`;
    for (const canary of [...canaries, 'canary-text']) assert.ok(!shown.includes(canary), `shows ${canary}`);
  });
};

export const providerConformance = (name: string, suite: ProviderSuite): void => {
  valueTests(name, suite);
  faultTests(name, suite);
};
