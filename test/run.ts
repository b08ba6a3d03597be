/**
 * The whole suite: `npm test`. With `quick`: what `npm run ok` runs, no servers and no counterparts. With parts of file
 * names: only those test files. The last line is the count of the whole run; the exit code is 0 when nothing failed.
 */
import { counterparts } from './counterparts/all.ts';
import { ensure } from './counterparts/counterpart.ts';
import { checkStages } from './run/checks.ts';
import { killRunning } from './run/child.ts';
import { cacheFolder, makeTestHome, type TestHome } from './run/environment.ts';
import { findTestFiles } from './run/files.ts';
import { printStage, printSummary } from './run/print.ts';
import { addUp, forbidSkips, type Stage, type StageResult } from './run/result.ts';
import { suiteStage } from './run/suite.ts';

const unitLimitSeconds = 300;
const aloneLimitSeconds = 1200;

/** Installs what the named files are held against. They skip what is still missing afterwards. */
const prepare = async (alone: readonly string[]): Promise<void> => {
  if (alone.length === 0) return;
  const mayInstall = process.env['COFFER_NO_INSTALL'] === undefined;
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  for (const counterpart of counterparts) await ensure(counterpart, { cache: cacheFolder(), mayInstall, say });
};

interface Plan {
  readonly stages: readonly Stage[];
  readonly alone: readonly string[];
}

const plan = (asked: readonly string[], home: TestHome): Plan => {
  const files = findTestFiles();
  const quick = asked.length === 1 && asked[0] === 'quick';
  const named = (file: string): boolean => quick || asked.length === 0 || asked.some(part => file.includes(part));
  const unit = files.unit.filter(named);
  const alone = quick ? [] : files.alone.filter(named);
  const stages = [
    ...(quick || asked.length === 0 ? checkStages(home.env) : []),
    ...(unit.length === 0 ? [] : [suiteStage({ name: 'unit', files: unit, limitSeconds: unitLimitSeconds }, home)]),
    ...alone.map(file => suiteStage({ name: file, files: [file], limitSeconds: aloneLimitSeconds }, home)),
  ];
  return { stages, alone };
};

const runAll = async (stages: readonly Stage[], mayChange: (result: StageResult) => StageResult) => {
  const results: StageResult[] = [];
  for (const stage of stages) {
    const result = mayChange(await stage.run());
    printStage(result);
    results.push(result);
  }
  return results;
};

const home = makeTestHome();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    killRunning();
    home.remove();
    process.exit(130);
  });
}
try {
  const { stages, alone } = plan(process.argv.slice(2), home);
  await prepare(alone);
  const results = await runAll(stages, process.env['CI'] === 'true' ? forbidSkips : result => result);
  const totals = addUp(results);
  printSummary(results, totals);
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
} finally {
  home.remove();
}
