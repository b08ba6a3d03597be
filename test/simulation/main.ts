/** `npm run simulate`: runs seeds until one goes wrong, looks for less in which it still does, and tells what happened. */
import { parseArgs } from 'node:util';
import { shrink } from './shrink.ts';
import { defaultOperations, type Outcome, type SimulationOptions, simulate } from './simulate.ts';

const usage = `npm run simulate -- [options]

  --seed N     the first seed (default: one of now)
  --seeds M    how many, one after the other (default 1 where a seed is given, else 100)
  --ops K      operations of the clients in each (default ${defaultOperations})
  --without L  leave faults out, by their numbers: 0,3,4
  --as-found   tell what went wrong as it was found, without looking for less that does
  --trace      tell what happened also where all is well
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    ops: { type: 'string' },
    without: { type: 'string', default: '' },
    'as-found': { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const numberOf = (text: string | undefined, otherwise: number): number => {
  const number = Number(text ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`"${text}" is not a number\n\n${usage}`);
  return number;
};

const numbersOf = (text: string): ReadonlySet<number> =>
  new Set(text === '' ? [] : text.split(',').map(number => numberOf(number, 0)));

const again = ({ seed, operations, without = new Set() }: SimulationOptions): string => {
  const left = without.size === 0 ? '' : ` --without ${[...without].toSorted((one, other) => one - other).join(',')}`;
  return `npm run simulate -- --seed ${seed} --ops ${operations}${left} --as-found`;
};

const tell = (options: SimulationOptions, { wrong, told, fingerprint }: Outcome): void => {
  process.stdout.write(
    `${told.join('\n')}\n\nseed ${options.seed} (${fingerprint.slice(0, 16)}):\n${wrong.join('\n')}\n`,
  );
  process.stdout.write(`again: ${again(options)}\n`);
};

const run = async (): Promise<void> => {
  const first = numberOf(values.seed, Date.now() % 1_000_000_000);
  const count = numberOf(values.seeds, values.seed === undefined ? 100 : 1);
  const operations = numberOf(values.ops, defaultOperations);
  const without = numbersOf(values.without);
  for (let seed = first; seed < first + count; seed++) {
    const options = { seed, operations, without };
    const outcome = await simulate(options);
    if (outcome.wrong.length === 0) {
      if (values.trace) process.stdout.write(`${outcome.told.join('\n')}\n`);
      continue;
    }
    process.exitCode = 1;
    if (values['as-found']) return tell(options, outcome);
    process.stderr.write(`seed ${seed} goes wrong; looking for less in which something still does …\n`);
    const smallest = await shrink({ options, outcome });
    return tell(smallest.options, smallest.outcome);
  }
  process.stdout.write(`${count} seeds from ${first}: nothing is wrong\n`);
};

if (values.help) process.stdout.write(usage);
else await run();
