/** What every part of the bench works with. */
import type { Generator } from './load/generator.ts';
import type { Cores } from './machine.ts';
import type { BenchOptions } from './options.ts';

/** Where all of it happens: tools to measure with, and a folder on the disk of the repository. */
export interface Bench {
  readonly options: BenchOptions;
  readonly cores: Cores;
  readonly folder: string;
  readonly generator: Generator;
  readonly say: (text: string) => void;
}
