import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { Acl, type AclInput, visibleKeys } from './acl.ts';
import { rootPolicy } from './builtin.ts';
import type { Capability } from './capability.ts';
import { parsePolicy } from './parse.ts';
import type { Policy } from './policy.ts';

const compileAcl = (policies: readonly Policy[], input: Omit<AclInput, 'policies'>): Acl =>
  new Acl({ policies, ...input });
const rootAcl = compileAcl([rootPolicy], { clock: { now: () => 0 } });
const all: readonly Capability[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'sudo'];
const everything = `[${all.map(name => `"${name}"`).join(', ')}]`;
const acl = (...texts: readonly string[]): Acl =>
  compileAcl(
    texts.map((text, index) => parsePolicy(`p${index}`, text)),
    { clock: { now: () => 0 } },
  );
const rule = (path: string, ...names: readonly string[]): string =>
  `path "${path}" { capabilities = [${names.map(name => `"${name}"`).join(', ')}] }\n`;
const can = (list: Acl, path: string, capability: Capability): boolean => list.decide({ path, capability }).allowed;

test('what no rule names is refused', () => {
  const list = acl(rule('a/b', 'read'));
  assert.equal(list.decide({ path: 'a/c', capability: 'read' }).refusal, 'no-rule');
  assert.equal(list.decide({ path: 'a/b', capability: 'update' }).refusal, 'capability');
  assert.equal(can(acl(), 'a', 'read'), false);
});

test('exact, prefix and segment patterns match as the language says', () => {
  const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
    ['a/b', ['a/b'], ['a', 'a/b/c', 'a/bb', 'A/b', 'xa/b', '']],
    ['a/b*', ['a/b', 'a/bc', 'a/b/c/d', 'a/b/'], ['a/', 'a/c', 'a']],
    ['a/*', ['a/', 'a/b', 'a/b/c'], ['a', 'ab/c']],
    ['*', ['a', 'a/b', ''], []],
    ['a/+/c', ['a/b/c', 'a/+/c', 'a//c'], ['a/c', 'a/b/b/c', 'a/b/c/d', 'a/b/cc', 'a/b']],
    ['+', ['a', ''], ['a/b', 'a/']],
    ['+/b', ['a/b'], ['b', 'a/a/b']],
    ['a/+/c*', ['a/b/c', 'a/b/cc', 'a/b/c/d/e'], ['a/b', 'a/b/b', 'a/b/d/c']],
    ['a/+/+/*', ['a/b/c/d', 'a/b/c/d/e', 'a/b/c/'], ['a/b/c', 'a/b/']],
    ['a/x+y', ['a/x+y'], ['a/xzy', 'a/x']],
    ['a*b', ['a*b'], ['axb', 'ab']],
    ['/a', ['a'], ['/a']],
  ];
  for (const [pattern, matching, others] of cases) {
    const list = acl(rule(pattern, 'read'));
    for (const path of matching) assert.equal(can(list, path, 'read'), true, `${pattern} matches ${path}`);
    for (const path of others) assert.equal(can(list, path, 'read'), false, `${pattern} does not match ${path}`);
  }
});

test('of several patterns the one of highest priority applies, and nothing falls through', () => {
  const cases: readonly (readonly [winner: string, loser: string, path: string])[] = [
    ['a/b', 'a/b*', 'a/b'],
    ['a/b', '+/b', 'a/b'],
    ['a/b*', 'a/*', 'a/bc'],
    ['a/+/c', '+/b/c', 'a/b/c'],
    ['a/b*', 'a/+', 'a/bc'],
    ['a/+/c', 'a/*', 'a/b/c'],
    ['a/+', 'a/*', 'a/b'],
    ['a/+/c', 'a/+/*', 'a/b/c'],
    ['a/+/+', 'a/+/c*', 'a/b/c'],
    ['a/+/c/d', 'a/+/c/*', 'a/b/c/d'],
    ['a/+/c', 'a/+/+', 'a/b/c'],
    ['a/+/cc*', 'a/+/c*', 'a/b/ccc'],
    ['a/+/*', '+/*', 'a/b/c'],
    ['*', '+/*', 'a/b'],
    ['a/*', 'a/+/*', 'a/b/c'],
  ];
  for (const [winner, loser, path] of cases) {
    for (const text of [rule(winner, 'read') + rule(loser, 'update'), rule(loser, 'update') + rule(winner, 'read')]) {
      const list = acl(text);
      assert.equal(list.decide({ path, capability: 'read' }).rule, winner, `${winner} before ${loser}`);
      assert.deepEqual([can(list, path, 'read'), can(list, path, 'update')], [true, false]);
    }
  }
});

test('one pattern in several policies: capabilities add up, and who grants is told', () => {
  const list = acl(rule('a', 'read', 'list'), rule('a', 'update'), rule('a', 'read'));
  assert.deepEqual(list.decide({ path: 'a', capability: 'read' }).granting, ['p0', 'p2']);
  assert.deepEqual(list.decide({ path: 'a', capability: 'update' }).granting, ['p1']);
  assert.deepEqual(list.capabilities('a'), ['list', 'read', 'update']);
});

test('S6: deny wins for every capability, in every form of pattern, before and after any grant', () => {
  for (const [pattern, path] of [
    ['a/b', 'a/b'],
    ['a/*', 'a/b'],
    ['a/+', 'a/b'],
    ['a/+/c*', 'a/b/cd'],
    ['+/b/*', 'a/b/'],
    ['a/b/', 'a/b/'],
    ['*', 'a/b/c'],
  ] as const) {
    const grant = `path "${pattern}" { capabilities = ${everything} }`;
    const deny = rule(pattern, 'deny');
    for (const list of [acl(grant, deny), acl(deny, grant), acl(grant + deny), acl(grant, deny, grant)]) {
      for (const capability of all) {
        assert.equal(list.decide({ path, capability }).refusal, 'denied', `${capability} ${pattern}`);
        assert.equal(list.decide({ path, capability, wrapTtlSeconds: 60, parameters: new Map() }).allowed, false);
      }
      assert.deepEqual(list.capabilities(path), ['deny']);
    }
  }
});

test('S6: a slash behind a path, or its absence, is no way round a deny', () => {
  const broad = `path "a/*" { capabilities = ${everything} }\n`;
  for (const [deny, path] of [
    ['a/b', 'a/b/'],
    ['a/b', 'a/b'],
    ['a/b/', 'a/b/'],
    ['a/b/*', 'a/b/'],
    ['a/b/*', 'a/b/c'],
    ['a/+', 'a/b'],
    ['a/+', 'a/b/'],
    ['a/b*', 'a/b/'],
  ] as const) {
    const list = acl(broad + rule(deny, 'deny'));
    for (const capability of all)
      assert.equal(can(list, path, capability), false, `${capability} ${path} against ${deny}`);
  }
  for (const [deny, path] of [
    ['a/b/*', 'a/b'],
    ['a/b/', 'a/b'],
    ['a/b', 'a/b'],
    ['a/b', 'a/b/'],
  ] as const) {
    const list = acl(broad + rule(deny, 'deny'));
    for (const capability of ['list', 'scan'] as const)
      assert.equal(can(list, path, capability), false, `${capability} ${path}`);
  }
});

test('lists look with the slash and without it', () => {
  for (const pattern of ['a/b', 'a/b/', 'a/*', 'a/+', 'a/+/', 'a/b*']) {
    const list = acl(rule(pattern, 'list', 'scan'));
    for (const path of ['a/b', 'a/b/']) {
      assert.equal(can(list, path, 'list'), true, `${pattern} lists ${path}`);
      assert.equal(can(list, path, 'scan'), true, `${pattern} scans ${path}`);
    }
  }
  assert.equal(can(acl(rule('a/b/', 'list') + rule('a/b', 'read')), 'a/b', 'list'), true);
  assert.equal(can(acl(rule('a/b/', 'read')), 'a/b', 'read'), false);
});

test('capabilities are sorted, root is root, nothing is deny', () => {
  assert.deepEqual(rootAcl.capabilities('any'), ['root']);
  assert.deepEqual(acl().capabilities('any'), ['deny']);
  assert.deepEqual(acl(rule('a')).capabilities('a'), ['deny']);
  assert.deepEqual(acl(rule('a', 'update', 'sudo', 'create')).capabilities('a'), ['create', 'sudo', 'update']);
  assert.deepEqual(acl(rule('a', 'list')).capabilities('a/'), ['list']);
  assert.deepEqual(rootAcl.decide({ path: 'x', capability: 'sudo' }).granting, ['root']);
});

test('anything under a mount: by every form of pattern, and not where all of it is denied', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [rule('secret/a', 'read'), true],
    [rule('secret/*', 'read'), true],
    [rule('sec*', 'read'), true],
    [rule('*', 'read'), true],
    [rule('+/a', 'read'), true],
    [rule('+/+/a*', 'read'), true],
    [rule('+/*', 'read'), true],
    [rule('+', 'read'), true],
    [rule('kv/+', 'read'), false],
    [rule('secretx/*', 'read'), false],
    [rule('secret/a', 'deny'), false],
    [rule('secret/a'), false],
    [rule('*', 'read') + rule('secret/*', 'deny'), false],
    [rule('+/*', 'read') + rule('secret/*', 'deny'), false],
    [rule('*', 'read') + rule('secret/*', 'deny') + rule('secret/a', 'read'), true],
    ['', false],
  ];
  for (const [text, want] of cases) assert.equal(acl(text === '' ? '# none' : text).anyUnder('secret/'), want, text);
  assert.equal(rootAcl.anyUnder('secret/'), true);
  assert.equal(acl(rule('auth/token/+', 'read')).anyUnder('auth/token/'), true);
  assert.equal(acl(rule('auth/+/x', 'read')).anyUnder('auth/token/'), true);
});

test('the resultant list shows exact and glob paths', () => {
  const { root, exactPaths, globPaths } = acl(
    rule('a', 'read') + rule('b/*', 'list') + rule('c/+/*', 'deny'),
  ).resultant();
  assert.equal(root, false);
  assert.deepEqual([...exactPaths], [['a', ['read']]]);
  assert.deepEqual(
    globPaths,
    new Map([
      ['b/', ['list']],
      ['c/+/*', ['deny']],
    ]),
  );
  assert.deepEqual(rootAcl.resultant(), { root: true, exactPaths: new Map(), globPaths: new Map() });
});

test('a rule ends at its expiration, and what it hid applies again', () => {
  let nowMs = 0;
  const texts = [
    `path "a/b" { capabilities = ["deny"] expiration = "1970-01-01T00:00:10Z" }
     path "a/c" { capabilities = ["read"] expiration = "20" }
     path "a/*" { capabilities = ["read"] }
     path "old" { capabilities = ["read"] expiration = "0" }`,
  ];
  const list = compileAcl(
    texts.map(text => parsePolicy('p', text)),
    { clock: { now: () => nowMs } },
  );
  assert.equal(can(list, 'a/b', 'read'), false);
  assert.equal(list.decide({ path: 'a/c', capability: 'read' }).rule, 'a/c');
  assert.equal(can(list, 'old', 'read'), false);
  nowMs = 10_000;
  assert.equal(can(list, 'a/b', 'read'), true);
  nowMs = 20_000;
  assert.equal(list.decide({ path: 'a/c', capability: 'read' }).rule, 'a/*');
});

test('S7: a template takes plain values only; without one its rule is left out', () => {
  const text = 'path "secret/{{identity.entity.name}}/*" { capabilities = ["read"] }';
  const withName = (name: string | undefined): Acl =>
    compileAcl([parsePolicy('p', text)], {
      clock: { now: () => 0 },
      lookup: expression => (expression === 'identity.entity.name' ? name : undefined),
    });
  assert.equal(can(withName('bob'), 'secret/bob/x', 'read'), true);
  assert.equal(can(withName('bob'), 'secret/alice/x', 'read'), false);
  for (const name of [
    undefined,
    '',
    '*',
    '+',
    'a/b',
    'a,b',
    'a*',
    'bo\nb',
    '{{x}}',
    'a}b',
    'a{b',
    '.',
    '..',
    ' bob',
    'a\u202eb',
    'x'.repeat(513),
  ]) {
    const list = withName(name);
    for (const path of ['secret/bob/x', 'secret/a/b/x', 'secret/+/x', 'secret/*/x', 'secret//x', `secret/${name}/x`]) {
      assert.equal(can(list, path, 'read'), false, JSON.stringify([name, path]));
    }
  }
  assert.equal(can(acl(text), 'secret/{{identity.entity.name}}/x', 'read'), false);
});

test('a filtered list shows only keys the caller can read, and folders it can list', () => {
  const list = acl(
    `path "kv/metadata/*" { capabilities = ["list"]
       list_scan_response_keys_filter_path = "{{ .path | replace \\"kv/metadata/\\" \\"kv/data/\\" }}{{ .key }}" }\n` +
      rule('kv/data/a', 'read') +
      rule('kv/data/f/', 'list') +
      rule('kv/data/g/', 'read'),
  );
  const decision = list.decide({ path: 'kv/metadata', capability: 'list' });
  assert.equal(decision.allowed, true);
  assert.deepEqual(visibleKeys(list, { decision, path: 'kv/metadata', keys: ['a', 'b', 'f/', 'g/'] }), ['a', 'f/']);
  const plain = acl(rule('a/*', 'list')).decide({ path: 'a', capability: 'list' });
  assert.deepEqual(visibleKeys(list, { decision: plain, path: 'a', keys: ['x'] }), ['x']);
});

test('a filter that swells is cut off: its keys are hidden', () => {
  const step = '| replace \\"z\\" \\"zzzzzzzzzzzzzzzz\\" ';
  const list = acl(
    `path "a/*" { capabilities = ["list", "read"] list_scan_response_keys_filter_path = "{{ .path ${step.repeat(8)}}}{{ .key }}" }`,
  );
  const decision = list.decide({ path: 'a/z', capability: 'list' });
  assert.deepEqual(visibleKeys(list, { decision, path: 'a/z', keys: ['x'] }), []);
});

const json = (text: string): RawJson => new RawJson(new TextEncoder().encode(text));

test('limits are asked of the request beside its capability', () => {
  const list = acl(`path "a" { capabilities = ["read", "update", "list", "delete"]
    required_parameters = ["limit"] pagination_limit = 10 min_wrapping_ttl = 5 max_wrapping_ttl = 60 }`);
  const ask = (capability: Capability, limit?: string, wrapTtlSeconds: number | undefined = 10) =>
    list.decide({
      path: 'a',
      capability,
      wrapTtlSeconds,
      parameters: new Map<string, RawJson>(limit === undefined ? [] : [['limit', json(limit)]]),
    });
  for (const limit of ['1', '10', '"10"', '0', '"max"']) assert.equal(ask('list', limit).allowed, true, limit);
  for (const limit of ['11', '-1', '"-1"', '1e9', 'null', '"x"', '[1]', undefined])
    assert.equal(ask('list', limit).refusal, 'pagination', String(limit));
  assert.equal(ask('list', '1').paginationLimit, 10);
  assert.equal(ask('read').parameter, 'limit');
  assert.equal(ask('read', '99').allowed, true);
  assert.equal(ask('delete').allowed, true);
  for (const ttl of [4, 61, 0]) assert.equal(ask('read', '1', ttl).refusal, 'wrapping');
  assert.equal(list.decide({ path: 'a', capability: 'read' }).refusal, 'wrapping');
});
