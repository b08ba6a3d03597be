/** What the bench of the operator is told on its command line. */
import { parseArgs } from 'node:util';

export interface OperatorBenchOptions {
  /** ExternalSecrets. */
  readonly objects: number;
  readonly rounds: number;
  /** Changes whose way to the Secret is timed, at rest and once more under load; 0 leaves them out. */
  readonly samples: number;
  /** Secrets of others, for the part about memory; 0 leaves it out. */
  readonly foreign: number;
  /** Only set-ups whose name contains this text. */
  readonly only: string;
  /** Added to the operator's own flags. */
  readonly flags: readonly string[];
  /** Where CPU profiles of the operator go. */
  readonly profiles: string | undefined;
  /** Where the history grows, one line of JSON for each run. */
  readonly history: string | undefined;
}

const usage = `npm run bench:operator -- [options]

  --objects N      ExternalSecrets (default 1,000)
  --rounds N       rounds, each in a new cluster with a new store; medians are told (default 3)
  --samples N      changes timed from store to Secret, at rest and under load (default 200; 0 leaves them out)
  --foreign N      Secrets of others for the part about memory (default 5,000; 0 leaves it out)
  --only NAME      only set-ups whose name contains NAME: "kubernetes auth", "token auth"
  --quick          one round of 200 objects, 50 samples and 500 foreign Secrets
  --flag FLAG      handed to the operator, such as --flag=-concurrent=32; any number of them
  --profiles DIR   CPU profiles of the operator, for the developer tools of Chrome
  --json FILE      append the results to FILE (default .cache/bench-operator.jsonl)
`;

const definition = {
  objects: { type: 'string' },
  rounds: { type: 'string' },
  samples: { type: 'string' },
  foreign: { type: 'string' },
  only: { type: 'string', default: '' },
  quick: { type: 'boolean', default: false },
  flag: { type: 'string', multiple: true },
  profiles: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const countOf = (text: string | undefined, otherwise: number): number => {
  const number = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`"${text}" is not a number\n\n${usage}`);
  return number;
};

/** Answers the text of the help instead where that was asked for. */
export const readOptions = (argv: readonly string[]): OperatorBenchOptions | string => {
  const { values } = parseArgs({ args: [...argv], options: definition });
  const { quick, only, flag, profiles, json } = values;
  if (values.help) return usage;
  return {
    objects: Math.max(1, countOf(values.objects, quick ? 200 : 1000)),
    rounds: Math.max(1, countOf(values.rounds, quick ? 1 : 3)),
    samples: countOf(values.samples, quick ? 50 : 200),
    foreign: countOf(values.foreign, quick ? 500 : 5000),
    only,
    flags: flag ?? [],
    profiles,
    history: json,
  };
};
