/** `npm run bench:operator`: the operator on a real control plane, and prints Markdown. Never fails on speed. */
import path from 'node:path';
import { needCluster } from '../../peers/cluster/cluster.ts';
import { root } from '../../run/environment.ts';
import { appendHistory } from '../history.ts';
import { describeMachine, keepToTwoCores } from '../machine.ts';
import { runOperatorBench } from './bench.ts';
import { readOptions } from './options.ts';
import { markdown } from './report.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stdout.write(options);
} else if (needCluster.skip !== false) {
  say(needCluster.skip);
  process.exitCode = 1;
} else {
  const machine = describeMachine(keepToTwoCores());
  const measured = await runOperatorBench(options, say);
  const report = { machine, options, measured };
  process.stdout.write(`${markdown(report)}\n`);
  const place = options.history ?? path.join(root, '.cache', 'bench-operator.jsonl');
  say(`history: ${appendHistory(report, place)}`);
}
