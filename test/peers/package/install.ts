/** Stages, packs and installs the packages as their users get them, without a network and apart from the repository. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stage } from '../../../scripts/publish/stage.ts';
import { root } from '../../run/environment.ts';

const limitMs = 60_000;
const run = promisify(execFile);

export interface Installed {
  /** A project with the packages below node_modules/. */
  readonly folder: string;
  readonly program: string;
}

const npm = async (folder: string, args: readonly string[]): Promise<void> => {
  const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', [...args, ...quiet, '--cache', path.join(folder, 'npm-cache')], {
    cwd: folder,
    timeout: limitMs,
  });
};

/** The dependency on what `npm pack` makes of a folder. */
const dependency = (folder: string): readonly [name: string, specifier: string] => {
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  return [name, `file:packs/${name.replace('@', '').replace('/', '-')}-${version}.tgz`];
};

/** The dependencies of others are packed from node_modules, so that npm needs to ask nobody. */
export const installPacked = async (others: readonly string[]): Promise<Installed> => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'coffer-packed-')));
  const staged = await stage(path.join(folder, 'dist'));
  const sources = [...staged, ...others.map(name => path.join(root, 'node_modules', name))];
  mkdirSync(path.join(folder, 'packs'));
  await npm(folder, ['pack', '--pack-destination', path.join(folder, 'packs'), ...sources]);
  const dependencies = Object.fromEntries(sources.map(dependency));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  await npm(folder, ['install']);
  return { folder, program: path.join(folder, 'node_modules', '.bin', 'coffer') };
};
