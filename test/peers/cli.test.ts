/** The command against a real server, each sub-command at least once. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { commands } from 'coffer/commands/registry.ts';
import { type Ended, runCoffer } from './cli-run.ts';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

const big = '8019210420527506405';
const canary = 'canary-correct-horse';

/** Commands that other tests run, because they need a sealed or another server, or files. */
const elsewhere =
  /^(?:server|dev|doctor|import|export|run|monitor|events|lease |audit (?:verify|tail|search)$|operator(?: |$)|completion (?:zsh|fish|install|uninstall)$)/;

let server: ServerProcess;
const home = newFolder();
const used = new Set<string>();
const everything: string[] = [];

const note = (args: readonly string[]): void => {
  for (let words = 3; words > 0; words -= 1) used.add(args.slice(0, words).join(' '));
};

const coffer = async (args: readonly string[], input = ''): Promise<Ended> => {
  note(args);
  const ended = await runCoffer(args, { home, input, env: { COFFER_ADDR: server.address } });
  everything.push(ended.err);
  return ended;
};

/** The output of a command that must succeed. */
const ok = async (line: string, input = ''): Promise<string> => {
  const ended = await coffer(line.split(' '), input);
  assert.deepEqual([ended.code, ended.err], [0, ''], `coffer ${line}`);
  return ended.out;
};

const fails = async (line: string, code: number, err: RegExp): Promise<void> => {
  const ended = await coffer(line.split(' '));
  assert.equal(ended.code, code, `coffer ${line}: ${ended.err}`);
  assert.equal(ended.out, '', `coffer ${line}`);
  assert.match(ended.err, err);
};

before(async () => {
  server = await startDevServer();
});

after(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

test('without a token the server refuses, and the command says so', async () => {
  await fails('read secret/data/app', 2, /Code: 403\. Errors:\n\n\* permission denied/);
  await fails('kv get secret/app', 2, /Code: 403\. Errors:\n\n\* preflight capability check returned 403/);
});

test('login keeps the token in a file that is its owner’s alone', async () => {
  const out = await ok('login -', 'root\n');
  assert.match(out, /^Success! You are now authenticated\./);
  assert.match(out, /token_policies {7}\["root"\]\n/);
  const file = path.join(home, '.vault-token');
  assert.equal(readFileSync(file, 'utf8'), 'root');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await ok('print token'), 'root\n');
  await fails('login nope', 2, /permission denied|bad token/);
});

test('status and version', async () => {
  assert.match(await ok('status'), /^Key +Value\n[^]*\nSealed +false\n/);
  assert.match(await ok('status -format=json'), /"sealed": false/);
  assert.match(await ok('version'), /^Coffer v/);
});

test('kv: put, get, patch, list, versions, rollback', async () => {
  assert.match(
    await ok(`kv put secret/app/a password=${canary} port=5432`),
    /^== Secret Path ==\nsecret\/data\/app\/a\n\n======= Metadata =======\n/,
  );
  assert.match(await ok('kv get secret/app/a'), /\n====== Data ======\nKey {9}Value\n---[^]*\npassword {4}canary/);
  assert.equal(await ok('kv get -field=password secret/app/a'), canary);
  assert.match(await ok('kv patch secret/app/a port=6543'), /\nversion {12}2\n$/);
  assert.match(await ok('kv patch -method=rw secret/app/a port=7654'), /\nversion {12}3\n$/);
  assert.equal(await ok('kv get -field=port -version=1 secret/app/a'), '5432');
  assert.match(await ok('kv rollback -version=1 secret/app/a'), /\nversion {12}4\n$/);
  assert.equal(await ok('kv get -field=port -mount=secret app/a'), '5432');
  assert.equal(await ok('kv list secret'), 'Keys\n----\napp/\n');
  assert.equal(await ok('kv list -format=json secret/app'), '[\n  "a"\n]\n');
  await fails('kv put -cas=0 secret/app/a k=v', 2, /check-and-set parameter did not match/);
  await fails('kv get secret/app/none', 2, /^No value found at secret\/data\/app\/none\n$/);
  await fails('kv list secret/none', 2, /^No value found at secret\/metadata\/none\n$/);
});

test('kv: delete, undelete, destroy', async () => {
  assert.match(await ok('kv delete secret/app/a'), /^Success! Data deleted/);
  assert.doesNotMatch(await ok('kv get secret/app/a'), /Data ===/);
  assert.match(await ok('kv undelete -versions=4 secret/app/a'), /^Success!/);
  assert.equal(await ok('kv get -field=port secret/app/a'), '5432');
  assert.match(await ok('kv destroy -versions=1,2 secret/app/a'), /^Success!/);
  assert.match(await ok('kv get -version=1 secret/app/a'), /\ndestroyed {10}true\n/);
});

test('kv metadata: put, get, patch, delete', async () => {
  await ok('kv metadata put -max-versions=7 -custom-metadata=owner=ada secret/app/a');
  await ok('kv metadata patch -custom-metadata=team=store secret/app/a');
  const shown = await ok('kv metadata get secret/app/a');
  assert.match(shown, /^=== Metadata Path ===\nsecret\/metadata\/app\/a\n\n=+ Metadata =+\n/);
  assert.match(shown, /custom_metadata +map\[owner:ada team:store\]\n/);
  assert.match(shown, /max_versions +7\n/);
  assert.match(shown, /====== Version 1 ======\n/);
  await ok('kv metadata delete secret/app/a');
  await fails('kv metadata get secret/app/a', 2, /^No value found/);
});

test('integers above 2^53 come back with every digit, in table and JSON', async () => {
  await ok('kv put secret/n -', `{"n": ${big}}`);
  assert.match(await ok('kv get secret/n'), new RegExp(`\nn {6}${big}\n$`));
  assert.match(await ok('kv get -format=json secret/n'), new RegExp(`"n": ${big}\n`));
  assert.equal(await ok('kv get -field=n secret/n'), big);
  assert.match(await ok('kv get -format=yaml secret/n'), new RegExp(`n: ${big}\n`));
});

test('a file, and a secret of many lines, come back byte for byte', async () => {
  const pem = '-----BEGIN X-----\na b\n\n-----END X-----\n';
  writeFileSync(path.join(home, 'key.pem'), pem);
  await ok('kv put secret/pem key=@key.pem other=-', 'x\ny');
  assert.equal(await ok('kv get -field=key secret/pem'), pem);
  assert.equal(await ok('kv get -field=other secret/pem'), 'x\ny');
});

test('secrets: enable, list, tune, move, disable; versions for a mount without them', async () => {
  assert.equal(await ok('secrets enable -path=old -version=1 kv'), 'Success! Enabled the kv secrets engine at: old/\n');
  assert.match(await ok('secrets list'), /^Path +Type +Accessor +Description\n[^]*\nold\/ +kv +kv_/);
  assert.match(await ok('secrets list -detailed'), /\nold\/ +kv +kv_\w+ +system +system/);
  assert.equal(await ok('kv put old/a k=v'), 'Success! Data written to: old/a\n');
  assert.equal(await ok('kv get -field=k old/a'), 'v');
  assert.match(await ok('read old/a'), /refresh_interval {4}768h\nk {19}v\n$/);
  await ok('secrets tune -description=mine old');
  assert.equal((await coffer(['kv', 'enable-versioning', 'old'])).code, 0);
  assert.match(await ok('secrets list'), /old\/ +kv +kv_\w+ +mine\n/);
  assert.match(await ok('secrets move old new'), /^Success! Started moving/);
  await ok('secrets disable new');
  await fails('secrets enable -path=secret kv', 2, /path is already in use at secret\//);
});

test('a mount that is not there is named, to who may list mounts', async () => {
  await fails(
    'kv get secrte/x',
    2,
    /\n\nThere is no mount "secrte\/"\. Did you mean "secret\/"\? "coffer secrets list"/,
  );
  await fails(
    'read nosuch/x',
    2,
    /\n\nThere is no mount "nosuch\/".*"coffer secrets enable -path=nosuch kv-v2" makes it/,
  );
  const made = await coffer(['token', 'create', '-policy=default', '-field=token']);
  const env = { COFFER_ADDR: server.address, COFFER_TOKEN: made.out };
  const [there, gone] = await Promise.all(
    ['secret', 'nosuch'].map(mount => runCoffer(['kv', 'get', `${mount}/x`], { home, env, input: '' })),
  );
  assert.match(there?.err ?? '', /There is no mount "secret\/", or no policy of this token reaches into it/);
  const alike = ({ err }: Ended): string => err.replaceAll('nosuch', 'secret').replace(/Request: .*/, '');
  assert.equal(there && alike(there), gone && alike(gone), 'the two differ: a stranger learns which mounts there are');
});

test('read, write, list, delete and patch on plain paths', async () => {
  assert.equal(await ok('write cubbyhole/a k=v'), 'Success! Data written to: cubbyhole/a\n');
  assert.equal(await ok('read cubbyhole/a'), 'Key    Value\n---    -----\nk      v\n');
  assert.equal(await ok('read -field=k -format=json cubbyhole/a'), '"v"\n');
  assert.equal(await ok('list cubbyhole'), 'Keys\n----\na\n');
  assert.equal(await ok('delete cubbyhole/a'), 'Success! Data deleted (if it existed) at: cubbyhole/a\n');
  await fails('read cubbyhole/a', 2, /^No value found at cubbyhole\/a\n$/);
  assert.match(await ok('write secret/data/p -', '{"data":{"a":"1"}}'), /\nversion {12}1\n$/);
  assert.match(await ok('patch secret/data/p -', '{"data":{"b":"2"}}'), /\nversion {12}2\n$/);
  await fails('read no/such/mount', 2, /no handler for route/);
  await fails('write cubbyhole/a', 1, /Must supply data or use -force/);
});

test('policy: write, list, read, fmt, delete', async () => {
  const policy = 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n';
  writeFileSync(path.join(home, 'app.hcl'), policy.replaceAll('  ', ' '));
  await ok('policy fmt app.hcl');
  assert.equal(readFileSync(path.join(home, 'app.hcl'), 'utf8'), policy);
  assert.equal(await ok('policy write app app.hcl'), 'Success! Uploaded policy: app\n');
  assert.match(await ok('policy list'), /^app\ndefault\nroot\n$/);
  assert.equal(await ok('policy read app'), policy);
  writeFileSync(path.join(home, 'bad.hcl'), 'path "a" {');
  await fails('policy write bad bad.hcl', 2, /failed to parse policy/);
  assert.equal(await ok('policy delete app'), 'Success! Deleted policy: app\n');
  await fails('policy read app', 2, /^No policy named: app\n$/);
});

test('token: create, lookup, renew, capabilities, revoke', async () => {
  const token = (await ok('token create -policy=default -ttl=1h -field=token')).trim();
  assert.match(token, /^cofs\./);
  assert.match(await ok(`token lookup ${token}`), /\npolicies +\[default\]\n/);
  assert.match(await ok('token lookup'), /\npolicies +\[root\]\n/);
  assert.match(await ok('token renew -increment=2h -', token), /token_duration +2h\n/);
  assert.equal(await ok('token capabilities secret/data/a'), 'root\n');
  assert.equal(await ok(`token capabilities ${token} sys/mounts`), 'deny\n');
  assert.equal(await ok('token revoke -', token), 'Success! Revoked token (if it existed)\n');
  await fails(`token lookup ${token}`, 2, /bad token|permission denied/);
});

test('a wrapped answer is unwrapped once, by a token in the arguments, on standard input or in the environment', async () => {
  const wrapped = async (command = 'kv get -wrap-ttl=60s -field=wrapping_token secret/n'): Promise<string> =>
    (await ok(command)).trim();
  const token = await wrapped();
  assert.match(token, /^cofs\./);
  assert.match(await ok('unwrap -', token), new RegExp(big));
  await fails(`unwrap ${token}`, 2, /wrapping token is not valid or does not exist/);
  assert.match(await ok(`unwrap ${await wrapped()}`), new RegExp(big));
  const table = await ok('kv get -wrap-ttl=90m secret/n');
  for (const line of [/^wrapping_token: +cofs\./m, /^wrapping_accessor: +/m, /^wrapping_token_ttl: +1h30m$/m])
    assert.match(table, line);
  assert.match(table, /^wrapping_token_creation_path: +secret\/data\/n$/m);
  assert.ok(!table.includes(big));
  assert.match(await ok('token create -wrap-ttl=5m -policy=default'), /^wrapped_accessor: +\w+$/m);
  const made = await wrapped('token create -wrap-ttl=5m -policy=default -field=wrapping_token');
  assert.match(await ok(`unwrap -field=token ${made}`), /^cofs\./);
  const listed = await wrapped('kv list -wrap-ttl=5m -field=wrapping_token secret');
  assert.match(await ok(`unwrap -format=json ${listed}`), /"keys"/);
  await fails('kv get -wrap-ttl=soon secret/n', 2, /error parsing X-Vault-Wrap-TTL header/);
  await fails('unwrap -wrap-ttl=5m x', 1, /wrap-ttl/);
});

test('auth: list, tune, help; a method there is none of is refused', async () => {
  assert.match(await ok('auth list'), /^Path +Type +Accessor +Description +Version\n[^]*token\/ +token/);
  assert.match(await ok('auth list -detailed'), /Token Type/);
  const tuned = await coffer('auth tune -default-lease-ttl=2h token'.split(' '));
  if (tuned.code !== 0) assert.match(tuned.err, /^Error tuning auth method token: Error making API request/);
  assert.match(await ok('auth help token'), /coffer login/);
  await fails('auth enable nope', 2, /Code: 400/);
  await ok('auth disable nope');
  await fails('auth move nope nopf', 2, /Error moving auth method/);
});

test('audit: what a device writes holds no value', async () => {
  await fails('audit list', 2, /^No audit devices are enabled\.\n$/);
  const file = path.join(home, 'audit.log');
  const enabled = await coffer(['audit', 'enable', 'file', `file_path=${file}`]);
  if (enabled.code === 0) {
    assert.match(await ok('audit list -detailed'), /file\/ +file/);
    await ok(`kv put secret/audited password=${canary}`);
    assert.ok(!readFileSync(file, 'utf8').includes(canary));
  } else {
    assert.match(enabled.err, /Code: 400/);
  }
  await coffer(['audit', 'disable', 'file']);
});

test('path-help explains a path', async () => {
  assert.match(await ok('path-help sys/mounts'), /\S/);
});

test('what would be sent is shown with -output-curl-string and -output-policy', async () => {
  assert.match(
    await ok('kv put -output-curl-string secret/x x=1'),
    /^curl -X PUT -H "X-Vault-Request: true" -H "X-Vault-Token: \$\(coffer print token\)" -d '\{"data":\{"x":"1"\},"options":\{\}\}' "http:\/\/127\.0\.0\.1:\d+\/v1\/secret\/data\/x"\n$/,
  );
  assert.equal(
    await ok('kv put -output-policy secret/x x=1'),
    'path "secret/data/x" {\n  capabilities = ["create", "update"]\n}\n',
  );
  await fails('kv get secret/x', 2, /No value found/);
});

test('completion asks the command', async () => {
  assert.match(await ok('completion bash'), /complete -o default -F _coffer coffer/);
  assert.equal(await ok('completion words met kv'), 'metadata\n');
});

test('a server that is not there is an error of the connection', async () => {
  const ended = await runCoffer(['read', 'a'], { home, env: { VAULT_ADDR: 'http://127.0.0.1:9' } });
  assert.equal(ended.code, 2);
  assert.match(ended.err, /connection refused/);
});

test('S11: nothing on standard error held a secret value', () => {
  assert.ok(everything.length > 50);
  for (const err of everything) assert.ok(!err.includes(canary), err);
});

test('every command was run', () => {
  const missing = commands.map(one => one.name).filter(name => !used.has(name) && !elsewhere.test(name));
  assert.deepEqual(missing, []);
});
