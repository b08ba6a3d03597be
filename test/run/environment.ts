/**
 * The environment every test process gets: nothing of the caller's but where programs are found, so that a VAULT_TOKEN
 * or a ~/.vault-token of the person who runs the tests neither changes a result nor is touched.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

export const root: string = path.dirname(path.dirname(import.meta.dirname));

/** Counterparts and compiled code are kept here between runs, outside the repository. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const given = env['COFFER_CACHE'];
  if (given !== undefined && given !== '') return path.resolve(given);
  const base = env['XDG_CACHE_HOME'];
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache'), 'coffer');
};

export interface TestHome {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly remove: () => void;
}

/** A home of its own for one run, removed with all that tests left in it. */
export const makeTestHome = (outer: NodeJS.ProcessEnv = process.env): TestHome => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-test-'));
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary, { mode: 0o700 });
  const cache = cacheFolder(outer);
  const env: NodeJS.ProcessEnv = {
    PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${outer['PATH'] ?? ''}`,
    HOME: folder,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    COFFER_CACHE: cache,
    NODE_COMPILE_CACHE: path.join(cache, 'compiled'),
    ...(outer['KUBEBUILDER_ASSETS'] === undefined ? {} : { KUBEBUILDER_ASSETS: outer['KUBEBUILDER_ASSETS'] }),
  };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
};
