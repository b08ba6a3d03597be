/**
 * Makes dist/coffer-executable: Node itself with the command, the server and its threads inside, as one file that needs
 * nothing beside it and never compiles anything when it starts.
 *
 *     npm run executable [-- FILE]
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { frontThread } from '@coffer/server/compose/fronts/thread.ts';
import { threads } from '@coffer/server/platform/sqlite/thread.ts';
import { root } from './emit.ts';

const run = promisify(execFile);
const limitMs = 120_000;

const bundle = async (source: string, outfile: string): Promise<string> => {
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node.split('.')[0]}`,
    // Nothing lies beside the executable: what asks where it is must ask for an asset.
    define: { 'import.meta.url': '"file:///"', 'import.meta.main': 'false' },
    minifySyntax: true,
    legalComments: 'inline',
    logLevel: 'error',
    absWorkingDir: root,
  });
  return outfile;
};

/** Needs the Node that runs this: what is made holds a copy of it. */
export const makeExecutable = async (output: string): Promise<void> => {
  const work = mkdtempSync(path.join(tmpdir(), 'coffer-executable-'));
  try {
    const main = await bundle(path.join(root, 'packages/cli/src/main.ts'), path.join(work, 'coffer.cjs'));
    const assets: Record<string, string> = {};
    for (const { asset, source } of [...threads, frontThread])
      assets[asset] = await bundle(fileURLToPath(source), path.join(work, asset));
    const config = path.join(work, 'sea.json');
    const what = {
      main,
      output,
      assets,
      useCodeCache: true,
      disableExperimentalSEAWarning: true,
      // The caller's NODE_OPTIONS is not obeyed by a process that holds keys.
      execArgvExtension: 'none',
      // As in bin/coffer. `run` hands SIGUSR1 on, and one file has one list: the debugger gets an address no machine has.
      execArgv: ['--inspect-port=192.0.2.1:9229', '--report-exclude-env', '--max-semi-space-size=16'],
    };
    writeFileSync(config, JSON.stringify(what));
    mkdirSync(path.dirname(output), { recursive: true });
    await run(process.execPath, ['--build-sea', config], { timeout: limitMs });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const output = path.resolve(root, process.argv[2] ?? 'dist/coffer-executable');
  await makeExecutable(output);
  process.stdout.write(`${output}\n`);
}
