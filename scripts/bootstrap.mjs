/**
 * The step before every other: brings node_modules in line with package-lock.json, then runs the command it was given
 * on the project's own Node. Plain JavaScript without dependencies, because the Node that starts it may be as old as 20.
 * Says what it installs and where to before it does; installs nothing when told not to.
 *
 *     node scripts/bootstrap.mjs FILE [ARGS]      FILE.ts runs on the project's Node, anything else as a program
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestMajor = 20;
const root = path.dirname(path.dirname(realpathSync(fileURLToPath(import.meta.url))));
const ownNode = path.join(root, 'node_modules', '.bin', 'node');

/** `--no-install` counts wherever it stands, so that `npm start -- --no-install` works too. */
export const readArguments = (argv, env) => {
  const rest = argv.filter(argument => argument !== '--no-install');
  const refused = rest.length < argv.length || !['', '0', 'false', undefined].includes(env.COFFER_NO_INSTALL);
  return { command: rest[0], rest: rest.slice(1), mayInstall: !refused };
};

const readLock = file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
};

const fitsHere = (entry, platform, cpu) =>
  (entry.os === undefined || entry.os.includes(platform)) && (entry.cpu === undefined || entry.cpu.includes(cpu));

/** Names of what package-lock.json asks for on this machine and node_modules does not have in that version. */
export const missingPackages = (wanted, installed, { platform, cpu } = { platform: process.platform, cpu: process.arch }) =>
  Object.entries(wanted)
    .filter(([name, entry]) => name.startsWith('node_modules/') && !entry.link && fitsHere(entry, platform, cpu))
    .filter(([name, entry]) => (entry.optional ? name in installed : true))
    .filter(([name, entry]) => installed[name]?.version !== entry.version)
    .map(([name, entry]) => `${name.slice(name.lastIndexOf('node_modules/') + 13)}@${entry.version}`);

const findMissing = () => {
  const missing = missingPackages(
    readLock(path.join(root, 'package-lock.json')),
    readLock(path.join(root, 'node_modules', '.package-lock.json')),
  );
  return missing.length > 0 || existsSync(ownNode) ? missing : ["the project's own Node"];
};

const say = text => process.stderr.write(`${text}\n`);
const fail = text => {
  say(text);
  process.exit(1);
};

const listed = names => (names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', '));

const install = missing => {
  say(`Installing ${missing.length === 1 ? '1 package' : `${missing.length} packages`} that package-lock.json names: ${listed(missing)}`);
  say('  from  the npm registry that npm is set up with, each checked against its hash; no install script runs');
  say(`  into  ${path.join(root, 'node_modules')} (npm keeps its own cache where it always does)`);
  say('  Not wanted? Stop now, or set COFFER_NO_INSTALL=1 (or pass --no-install) and nothing is installed.');
  const windows = process.platform === 'win32';
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows,
  });
  if (done.error !== undefined) fail(`coffer: npm could not be started (${done.error.code}). Install npm, then try again.`);
  if (done.status !== 0) fail('coffer: `npm ci --ignore-scripts` failed; its own message stands above. Nothing was started.');
  if (!existsSync(ownNode)) {
    const here = `${process.platform}-${process.arch}`;
    fail(`coffer: there is no Node package for ${here} among the optional dependencies of package.json (linux-x64, linux-arm64, darwin-arm64).`);
  }
};

/**
 * Runs the command in our place: same terminal, signals passed on, its exit code ours. What the keyboard sends reaches
 * the command by itself; passed on as well it would be a second Ctrl-C, which means "at once" to a server.
 */
const become = (command, rest, mayInstall) => {
  const file = path.resolve(root, command);
  const [program, args] = file.endsWith('.ts') ? [ownNode, [file, ...rest]] : [file, rest];
  const env = { ...process.env };
  // One spelling of "yes" and "no" for everything that is started from here.
  delete env.COFFER_NO_INSTALL;
  if (!mayInstall) env.COFFER_NO_INSTALL = '1';
  const child = spawn(program, args, { stdio: 'inherit', env });
  const fromKeyboard = process.stdin.isTTY ? ['SIGINT', 'SIGHUP'] : [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void (fromKeyboard.includes(signal) || child.kill(signal)));
  }
  child.on('error', error => fail(`coffer: ${command} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
};

const main = () => {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestMajor) fail(`coffer: this is Node ${process.versions.node}; ${oldestMajor} or newer is needed to install the project's own.`);
  const { command, rest, mayInstall } = readArguments(process.argv.slice(2), process.env);
  if (command === undefined) fail('usage: node scripts/bootstrap.mjs [--no-install] FILE [ARGS]');
  const missing = findMissing();
  if (missing.length > 0 && !mayInstall) {
    fail(
      `coffer: not installed: ${listed(missing)}\n` +
        'Installing is off (COFFER_NO_INSTALL or --no-install). To go on, run `npm ci --ignore-scripts` yourself, or allow it.',
    );
  }
  if (missing.length > 0) install(missing);
  become(command, rest, mayInstall);
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) main();
