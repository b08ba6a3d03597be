/** `npm run bench`: measures the store over HTTP as its clients meet it, and prints Markdown. Never fails on speed. */
import { runBench } from './bench.ts';
import { appendHistory } from './history.ts';
import { readOptions } from './options.ts';
import { markdown } from './report.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stdout.write(options);
} else {
  const report = await runBench(options, say);
  process.stdout.write(`${markdown(report)}\n`);
  say(`history: ${appendHistory(report, options.history)}`);
}
