/** The page about production, as a person follows it: its configuration, and every command from an empty folder to a new root token. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../run/environment.ts';
import { newFolder, type ServerProcess, startServer } from './server.ts';

const run = promisify(execFile);
const limitMs = 120_000;
const page = readFileSync(path.join(root, 'docs/production.md'), 'utf8');
const folder = newFolder();
const home = newFolder();
let server: ServerProcess;
let shares: readonly string[] = [];
/** What a command is to be run with. */
const env: Record<string, string> = {};

/** The folders of the page are below one of this test. */
const here = (text: string): string =>
  text.replaceAll(/\/(?:etc\/coffer|var\/lib\/coffer|var\/log\/coffer|run\/keys)/g, found => folder + found);

const sectionOf = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const blockOf = (heading: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(sectionOf(heading))?.[1] ?? '';

/** Commands without the remark behind them. */
const commandsOf = (block: string): readonly string[] =>
  block
    .split('\n')
    .map(line => line.replace(/\s+#\s.*$/, '').trim())
    .filter(line => line !== '');
const indentedOf = (heading: string): readonly string[] =>
  [...sectionOf(heading).matchAll(/^ {4}(\S.*)$/gm)].map(found => found[1] ?? '');
/** `coffer …` in a sentence, where it can be typed as it stands. */
const spokenOf = (heading: string): readonly string[] =>
  [...sectionOf(heading).matchAll(/`((?:coffer |printf )[^`]*)`/g)].map(found => found[1] ?? '');

/** Runs a command line of the page; fails where it does. */
const shell = async (line: string): Promise<string> => {
  const bin = `${path.join(root, 'packages/cli/bin')}:${process.env['PATH'] ?? ''}`;
  const options = { cwd: home, timeout: limitMs, env: { HOME: home, PATH: bin, ...env } };
  return (await run('sh', ['-c', here(line)], options)).stdout;
};

const lineOf = (text: string, name: string): string =>
  new RegExp(`^${name}:? +(\\S+)$`, 'm').exec(text)?.[1] ?? assert.fail(`no ${name} in ${text}`);

const certificate = (): void => {
  const openssl = (line: string): void =>
    void execFileSync('openssl', line.split(' '), { cwd: here('/etc/coffer'), stdio: 'pipe' });
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  writeFileSync(here('/etc/coffer/names'), 'subjectAltName=IP:127.0.0.1');
  openssl(`req -x509 ${key} -days 2 -subj /CN=authority -keyout authority.key -out ca.crt`);
  openssl(`req ${key} -subj /CN=coffer -keyout tls.key -out tls.csr`);
  openssl('x509 -req -in tls.csr -CA ca.crt -CAkey authority.key -days 2 -extfile names -out tls.crt');
};

/** The configuration of the page, on a free port; under Shamir where its seal is left out. */
const configuration = (seal: 'shamir' | 'static'): string => {
  const whole = here(/```hcl\n([^]*?)```/.exec(page)?.[1] ?? '').replace('0.0.0.0:8200', '127.0.0.1:0');
  return seal === 'static' ? whole : whole.replace(/seal "static" \{[^]*?\n\}\n/, '');
};

const start = (seal: 'shamir' | 'static'): Promise<ServerProcess> => {
  writeFileSync(here('/etc/coffer/coffer.hcl'), configuration(seal));
  const args = [`-config=${here('/etc/coffer/coffer.hcl')}`];
  return startServer({ args, folder, ready: /listening on (https:\/\/[^\s,]+)/ });
};

const unseal = async (): Promise<void> => {
  for (const share of shares.slice(0, 3)) await shell(`coffer operator unseal ${share}`);
};

before(() => {
  mkdirSync(here('/etc/coffer'), { recursive: true });
  certificate();
});

after(async () => {
  await server.stop();
});

/** What the page leaves to the reader: the shares, the token, and the program that goes on running. */
const step = async (line: string): Promise<void> => {
  if (line.startsWith('coffer server ')) {
    server = await start('shamir');
    env['COFFER_ADDR'] = server.address;
  } else if (line.startsWith('export COFFER_CACERT=')) env['COFFER_CACERT'] = here(line.split('=')[1] ?? '');
  else if (line.startsWith('export COFFER_ADDR=')) assert.ok(env['COFFER_ADDR'] !== undefined, 'the server runs');
  else if (line.startsWith('coffer operator init')) {
    const told = await shell(line);
    shares = [1, 2, 3, 4, 5].map(at => lineOf(told, `Unseal Key ${at}`));
    env['COFFER_TOKEN'] = lineOf(told, 'Initial Root Token');
  } else if (line === 'coffer operator unseal') await unseal();
  else if (line === 'coffer login') await shell(`printf %s "$COFFER_TOKEN" | coffer login -`);
  else await shell(line);
};

const revocation = 'coffer token revoke -self';

test('from zero: the commands work in their order', async () => {
  const lines = commandsOf(blockOf('From zero', 'sh'));
  assert.equal(lines.at(-1), revocation);
  assert.ok(lines.length >= 12, 'the page has its commands');
  for (const line of lines.slice(0, -1)) await step(line);
});

test('what is said of audit, metrics, other origins, back-up and the clock can be typed', async () => {
  const headings = ['Audit', 'Metrics', 'Pages of other origins', 'Back-up', 'The clock'];
  const lines = headings.flatMap(heading => spokenOf(heading));
  assert.ok(lines.length >= 5, lines.join('\n'));
  for (const line of lines) await shell(line);
});

test('after the root token is revoked, a quorum and a token of operators make another one', async () => {
  const told: string[] = [];
  for (const line of indentedOf('The root token')) told.push(await shell(line));
  const operators = lineOf(told.join(''), 'token');
  await shell(revocation);
  await assert.rejects(shell('coffer token lookup'), /permission denied/);
  env['COFFER_TOKEN'] = operators;
  const [init = '', give = '', decode = ''] = commandsOf(blockOf('The root token', 'sh'));
  const begun = await shell(init);
  let last = '';
  for (const share of shares.slice(0, 3))
    last = await shell(`${give.replace('NONCE', lineOf(begun, 'Nonce'))} ${share}`);
  const made = await shell(
    decode.replace('ENCODED', lineOf(last, 'Encoded Token')).replace('PAD', lineOf(begun, 'OTP')),
  );
  env['COFFER_TOKEN'] = made.trim();
  assert.match(await shell('coffer token lookup'), /policies +\[root\]/);
});

test('a restart under Shamir is sealed, and a share can come from standard input', async () => {
  assert.equal(await server.stop(), 0);
  server = await start('shamir');
  env['COFFER_ADDR'] = server.address;
  await assert.rejects(shell('coffer token lookup'), /sealed/);
  for (const share of shares.slice(2)) {
    writeFileSync(path.join(home, 'share'), `${share}\n`);
    await shell('coffer operator unseal - < share');
  }
  await shell('coffer token lookup');
});

test('with the seal of the page the store opens by itself, and init answers recovery keys', async () => {
  assert.equal(await server.stop(), 0);
  for (const file of ['store.db', 'store.db-wal', 'store.db-shm', 'store.db.lock'])
    await shell(`rm -f /var/lib/coffer/${file}`);
  server = await start('static');
  env['COFFER_ADDR'] = server.address;
  const flags = /-recovery-shares=\d+ -recovery-threshold=\d+/.exec(sectionOf('From zero'))?.[0] ?? '';
  const told = await shell(`coffer operator init ${flags}`);
  lineOf(told, 'Recovery Key 5');
  env['COFFER_TOKEN'] = lineOf(told, 'Initial Root Token');
  await shell('coffer token lookup');
  assert.equal(await server.stop(), 0);
  server = await start('static');
  env['COFFER_ADDR'] = server.address;
  await shell('coffer token lookup');
});
