/** The checkers that read the whole tree: each is one test of the run. */
import path from 'node:path';
import { runChild } from './child.ts';
import { root } from './environment.ts';
import type { Stage, StageResult } from './result.ts';

const limitSeconds = 300;

interface Check {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly mend: string;
}

const checks: readonly Check[] = [
  { name: 'types', program: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'], mend: 'npm run types' },
  { name: 'lint', program: 'oxlint', args: ['--type-aware', '--deny-warnings', '--format=unix'], mend: 'npm run lint' },
  {
    name: 'format',
    program: 'biome',
    args: ['format', '--reporter=concise', '--max-diagnostics=none', '.'],
    mend: 'npm run format',
  },
];

const runCheck = async (check: Check, env: NodeJS.ProcessEnv): Promise<StageResult> => {
  const startedMs = performance.now();
  const program = path.join(root, 'node_modules', '.bin', check.program);
  const ended = await runChild({ program, args: check.args, env, limitSeconds });
  const seconds = (performance.now() - startedMs) / 1000;
  const base = { name: check.name, skips: [], notes: [], seconds };
  if (ended.code === 0) return { ...base, passed: 1, failures: [] };
  const reason = ended.timedOut ? `did not end within ${limitSeconds} s\n` : '';
  return { ...base, passed: 0, failures: [{ title: `${check.name} (${check.mend})`, detail: reason + ended.output }] };
};

export const checkStages = (env: NodeJS.ProcessEnv): Stage[] =>
  checks.map(check => ({ name: check.name, run: () => runCheck(check, env) }));
