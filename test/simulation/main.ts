/** `npm run simulate`: runs seeds until one goes wrong, and tells what happened in it. */
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const usage = `npm run simulate -- [options]

  --seed N     the first seed (default: one of now)
  --seeds M    how many, one after the other (default 1 where a seed is given, else 100)
  --ops K      operations of the clients in each (default 60)
  --trace      tell what happened also where all is well
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    ops: { type: 'string' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const numberOf = (text: string | undefined, otherwise: number): number => {
  const number = Number(text ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`"${text}" is not a number\n\n${usage}`);
  return number;
};

const run = async (): Promise<void> => {
  const first = numberOf(values.seed, Date.now() % 1_000_000_000);
  const count = numberOf(values.seeds, values.seed === undefined ? 100 : 1);
  const operations = numberOf(values.ops, 60);
  for (let seed = first; seed < first + count; seed++) {
    const { wrong, told, fingerprint } = await simulate({ seed, operations });
    if (wrong.length > 0 || values.trace) process.stdout.write(`${told.join('\n')}\n`);
    if (wrong.length > 0) {
      process.stdout.write(`\nseed ${seed} (${fingerprint.slice(0, 16)}):\n${wrong.join('\n')}\n`);
      process.stdout.write(`again: npm run simulate -- --seed ${seed} --ops ${operations}\n`);
      process.exitCode = 1;
      return;
    }
  }
  process.stdout.write(`${count} seeds from ${first}: nothing is wrong\n`);
};

if (values.help) process.stdout.write(usage);
else await run();
