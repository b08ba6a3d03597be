import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorHelp, parseDoctorFlags } from './flags.ts';

const parsed = (...argv: readonly string[]) => {
  const settings = parseDoctorFlags(argv);
  return settings && [settings.name, settings.namespace, settings.kubeconfig, settings.format];
};

test('a kind and a name, flags before and behind', () => {
  const wanted = ['db', 'shop', 'x', 'table'];
  assert.deepEqual(parsed('externalsecret', 'db', '-n', 'shop', '-kubeconfig=x'), wanted);
  assert.deepEqual(parsed('-kubeconfig', 'x', '--namespace=shop', 'es', 'db'), wanted);
  assert.deepEqual(parsed('externalsecrets.external-secrets.io/db'), ['db', undefined, undefined, 'table']);
  assert.deepEqual(parsed('es/db', '-format=json'), ['db', undefined, undefined, 'json']);
  assert.equal(parsed('es', '-help'), undefined);
  assert.match(doctorHelp(), /-kubeconfig=PATH/);
});

const wrong: readonly (readonly string[])[] = [
  [],
  ['secret', 'db'],
  ['es'],
  ['es', 'db', 'more'],
  ['es/db', 'more'],
  ['es', '../db'],
  ['es', 'DB'],
  ['es', 'db', '-n'],
  ['es', 'db', '-n', 'a/b'],
  ['es', 'db', '-format=yaml'],
  ['es', 'db', '-nope'],
];

test('another kind is said to be none that can be followed', () =>
  assert.throws(() => parseDoctorFlags(['pod', 'db']), /only an ExternalSecret can be followed; expected a kind/));

for (const argv of wrong)
  test(`called wrongly: ${argv.join(' ')}`, () => assert.throws(() => parseDoctorFlags(argv), { code: 'usage' }));
