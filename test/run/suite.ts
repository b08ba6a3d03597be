/** Runs test files in one process of their own and counts what came back. A process that dies is a failed test. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Ended, runChild } from './child.ts';
import { root, type TestHome } from './environment.ts';
import type { Line } from './reporter.ts';
import type { Failure, Stage, StageResult } from './result.ts';

export interface Suite {
  readonly name: string;
  readonly files: readonly string[];
  readonly limitSeconds: number;
}

const readLines = (file: string): Line[] => {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Line);
  } catch {
    return [];
  }
};

/** What no single test can tell: the process itself did not end as it should. */
const processFailures = (suite: Suite, ended: Ended, lines: readonly Line[]): Failure[] => {
  const finished = lines.some(line => line.kind === 'end');
  const failed = lines.some(line => line.kind === 'fail');
  const because = (detail: string): Failure[] => [{ title: suite.name, detail: `${detail}\n${ended.output}` }];
  if (ended.timedOut && finished) {
    return because(
      `every test ended, yet the process stayed alive for ${suite.limitSeconds} s: a server, timer or child is left open`,
    );
  }
  if (ended.timedOut) return because(`did not end within ${suite.limitSeconds} s`);
  if (!finished) return because(`the process ended (code ${ended.code}, signal ${ended.signal}) before its tests did`);
  if (ended.code !== 0 && !failed) return because(`every test passed, yet the process ended with code ${ended.code}`);
  if (ended.leftRunning) return because('the tests ended and left processes running: stop every process a test starts');
  return [];
};

export const countLines = (suite: Suite, ended: Ended, lines: readonly Line[]): Omit<StageResult, 'seconds'> => ({
  name: suite.name,
  passed: lines.filter(line => line.kind === 'pass').length,
  failures: [...lines.filter(line => line.kind === 'fail'), ...processFailures(suite, ended, lines)],
  skips: lines.filter(line => line.kind === 'skip'),
  notes: lines.filter(line => line.kind === 'note').map(line => line.title),
});

let suites = 0;

export const suiteStage = (suite: Suite, home: TestHome): Stage => ({
  name: suite.name,
  run: async () => {
    const startedMs = performance.now();
    suites += 1;
    const told = path.join(home.folder, `told-${suites}.ndjson`);
    const args = [
      '--test',
      '--test-isolation=none',
      `--test-reporter=${path.join(root, 'test', 'run', 'reporter.ts')}`,
      `--test-reporter-destination=${told}`,
      ...suite.files,
    ];
    const ended = await runChild({ program: process.execPath, args, env: home.env, limitSeconds: suite.limitSeconds });
    return { ...countLines(suite, ended, readLines(told)), seconds: (performance.now() - startedMs) / 1000 };
  },
});
