import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { defaultPolicyText, responseWrappingPolicyText } from './builtin.ts';
import { capabilityNames } from './capability.ts';
import { parsePolicy } from './parse.ts';

const rules = (text: string): [string, string[]][] =>
  parsePolicy('p', text).rules.map(rule => [rule.path, capabilityNames(rule.mask)]);

test('HCL and JSON say the same', () => {
  const want = [
    ['secret/*', ['read']],
    ['a', ['create', 'patch', 'scan']],
  ];
  assert.deepEqual(
    rules(
      'name = "x" path "/secret/*" { capabilities = ["read"] } path "a" { capabilities = ["scan", "create", "patch"] }',
    ),
    want,
  );
  assert.deepEqual(
    rules('{"path": {"secret/*": {"capabilities": ["read"]}, "a": {"capabilities": ["scan", "create", "patch"]}}}'),
    want,
  );
  assert.deepEqual(
    rules('{"path": [{"secret/*": {"capabilities": ["read"]}}, {"a": {"capabilities": ["scan", "create", "patch"]}}]}'),
    want,
  );
});

test('deny stands alone, repeated keys add up, the old key still means what it meant', () => {
  const cases: readonly (readonly [string, string[]])[] = [
    ['capabilities = ["deny", "read"]', ['deny']],
    ['capabilities = []', ['deny']],
    ['', ['deny']],
    ['capabilities = ["read"] capabilities = ["list"]', ['list', 'read']],
    ['policy = "deny"', ['deny']],
    ['policy = "read"', ['list', 'read']],
    ['policy = "write"', ['create', 'delete', 'list', 'read', 'update']],
    ['policy = "sudo"', ['create', 'delete', 'list', 'read', 'sudo', 'update']],
    ['policy = "read" capabilities = ["deny"]', ['deny']],
    [
      'capabilities = ["subscribe", "recover", "list"] subscribe_event_types = ["kv*"]',
      ['list', 'recover', 'subscribe'],
    ],
  ];
  for (const [body, want] of cases) assert.deepEqual(rules(`path "a" { ${body} }`), [['a', want]], body);
});

test('every key of a rule is read', () => {
  const [rule] = parsePolicy(
    'p',
    `
    path "a/{{identity.entity.name}}" {
      comment              = "why"
      capabilities         = ["read", "list"]
      required_parameters  = ["Name"]
      allowed_parameters   = { "Kind" = ["a*", 1], "*" = [] }
      denied_parameters {
        owner = []
      }
      min_wrapping_ttl     = "1s"
      max_wrapping_ttl     = 90
      pagination_limit     = "50"
      expiration           = "2030-01-02T03:04:05Z"
      list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}"
      subscribe_event_types = ["*"]
    }`,
  ).rules;
  assert.ok(rule);
  assert.deepEqual(rule.limits.required, ['name']);
  assert.deepEqual([...(rule.limits.allowed?.keys() ?? [])], ['kind', '*']);
  assert.deepEqual(rule.limits.denied?.get('owner'), []);
  assert.deepEqual([rule.limits.minWrapSeconds, rule.limits.maxWrapSeconds, rule.limits.paginationLimit], [1, 90, 50]);
  assert.equal(rule.expiresAtMs, Date.UTC(2030, 0, 2, 3, 4, 5));
  assert.equal(rule.limits.keysFilter?.('a/', 'k'), 'a/k');
  assert.deepEqual(rule.subscribeEventTypes, ['*']);
});

test('the built-in texts are policies', () => {
  assert.ok(parsePolicy('default', defaultPolicyText).rules.length > 10);
  assert.equal(parsePolicy('response-wrapping', responseWrappingPolicyText).rules.length, 2);
});

const failed = (reason: string): string => `failed to parse policy: ${reason}`;
const one = (reason: string): string => failed(`1 error occurred:\n\t* ${reason}\n\n`);
const refused: readonly (readonly [string, string])[] = [
  ['', "'policy' parameter not supplied or empty"],
  [' \n', "'policy' parameter not supplied or empty"],
  ['path "a" {', failed('At 1:11: object expected closing RBRACE got: EOF')],
  [
    'path "a" { capabilities = ["read" }',
    failed('At 1:35: error parsing list, expected comma or list end, got: RBRACE'),
  ],
  ['foo = 1', one('invalid key "foo" on line 1')],
  ['Path "a" {}', one('invalid key "Path" on line 1')],
  ['path "a" {\n  capabilties = ["read"]\n}', one('path "a": invalid key "capabilties" on line 2')],
  ['path "a" { capabilities = ["foo"] }', failed('path "a": invalid capability "foo"')],
  ['path "a" { capabilities = ["Read"] }', failed('path "a": invalid capability "Read"')],
  ['path "a" { capabilities = "read" }', failed('path "a": At 1:27: unknown slice type: *ast.LiteralType')],
  ['path "a" { policy = "bar" }', failed('path "a": invalid policy "bar"')],
  ['path "a+*" {}', failed('path "a+*": invalid use of wildcards (\'+*\' is forbidden)')],
  ['path "a/{{x" {}', 'failed to validate policy templating: unbalanced templating characters'],
  ['path "a/x}}" {}', 'failed to validate policy templating: unbalanced templating characters'],
  ['path "a/{{}}" {}', 'failed to validate policy templating: unbalanced templating characters'],
  ['path { capabilities = ["read"] }', failed('At 1:6: "path" takes 1 label')],
  ['path = "x"', failed('path "path": cannot check HCL keys of type *ast.LiteralType')],
  ['path "a" { required_parameters = 1 }', failed('path "a": At 1:34: unknown slice type: *ast.LiteralType')],
  ['path "a" { allowed_parameters { x = "1" } }', failed('path "a": At 1:37: unknown slice type: *ast.LiteralType')],
  [
    'path "a" { min_wrapping_ttl = "abc" }',
    failed('path "a": At 1:31: expected a duration: seconds, or a text such as "90s", "1h30m" or "7d"'),
  ],
  ['path "a" { min_wrapping_ttl = -5 }', failed('path "a": min_wrapping_ttl cannot be negative')],
  [
    'path "a" { min_wrapping_ttl = 9 max_wrapping_ttl = 5 }',
    failed('path "a": max_wrapping_ttl cannot be less than min_wrapping_ttl'),
  ],
  ['path "a" { pagination_limit = "x" }', failed('path "a": At 1:31: expected an integer')],
  ['path "a" { pagination_limit = -1 }', failed('path "a": At 1:31: expected an integer of 0 or more')],
  [
    'path "a" { expiration = "soon" }',
    failed('path "a": invalid expiration time: could not parse string as date and time'),
  ],
  [
    'path "a" { expiration = "2030-13-02T03:04:05Z" }',
    failed('path "a": invalid expiration time: could not parse string as date and time'),
  ],
  [
    'path "a" { capabilities = ["read"] list_scan_response_keys_filter_path = "{{.key}}" }',
    failed('path "a": list_scan_response_keys_filter_path needs the capability list or scan'),
  ],
  [
    'path "a" { capabilities = ["list"] list_scan_response_keys_filter_path = "x" }',
    failed('path "a": list_scan_response_keys_filter_path resulted in same path for two different keys'),
  ],
  [
    'path "a" { capabilities = ["list"] list_scan_response_keys_filter_path = "{{ env .key }}" }',
    failed(
      'path "a": list_scan_response_keys_filter_path only .path and .key, with replace "from" "to", can stand in this template',
    ),
  ],
  [
    'path "a" { mfa_methods = ["x"] }',
    failed('path "a": mfa_methods is not supported: remove it, a rule must not promise what is not checked'),
  ],
  [
    'path "a" { control_group { ttl = "4h" } }',
    failed('path "a": control_group is not supported: remove it, a rule must not promise what is not checked'),
  ],
  [`path "${'a'.repeat(1025)}" {}`, failed(`path "${'a'.repeat(64)}…": path longer than 1024 characters`)],
];

test('a policy that cannot be kept is refused, and says where and why', () => {
  for (const [text, want] of refused) {
    assert.throws(
      () => parsePolicy('p', text),
      (error: unknown) => {
        assert.ok(error instanceof CofferError);
        assert.equal(error.code, 'invalid_request');
        assert.equal(error.publicMessage, want);
        return true;
      },
      text,
    );
  }
});

test('labels behind the path are passed over', () => {
  const policy = parsePolicy('p', 'path "a" "b" "c" { capabilities = ["read"] }');
  assert.deepEqual(
    policy.rules.map(({ path }) => path),
    ['a'],
  );
});
