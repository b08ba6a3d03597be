/**
 * A command is a row as well: its name, arguments, flags, summary and function. Help, completion, reference and the
 * refusal of unknown flags are derived from it.
 */
import type { Cx } from './cx.ts';
import type { FlagSpecs } from './flags.ts';
import type { Sought } from './missing-mount.ts';

export interface Command {
  /** Words from the top: `kv metadata get`. */
  readonly name: string;
  /** How the arguments are shown: `PATH [K=V...]`. */
  readonly args: string;
  /** One line, imperative, no full stop. */
  readonly summary: string;
  readonly details: string;
  readonly flags: FlagSpecs;
  /** Flags of every command that mean nothing to this one: refused, not ignored. */
  readonly idle: readonly string[];
  /** Fewest and most arguments. */
  readonly count: readonly [number, number];
  /** What failed, for `Error …: reason`. */
  readonly doing: (args: readonly string[]) => string;
  /** The paths a refusal is about: their mounts may be missing. */
  readonly seeks: (cx: Cx) => Promise<readonly Sought[]>;
  /** Arguments go to `run` as they are: flags are read by what is started. */
  readonly passes: boolean;
  /** The exit code of every failure, where that of the error record would be mistaken for an answer. */
  readonly failure: number | undefined;
  readonly run: (cx: Cx) => Promise<number>;
}

export type CommandRow = Pick<Command, 'name' | 'summary' | 'run'> & Partial<Command>;

export const noLimit = 10_000;

export const command = (row: CommandRow): Command =>
  Object.freeze({
    args: '',
    details: '',
    flags: {},
    idle: [],
    count: [0, 0] as const,
    doing: () => `running "${row.name}"`,
    seeks: async () => [],
    passes: false,
    failure: undefined,
    ...row,
  });

/** Commands with a common first word, and what they are about. */
export interface Group {
  readonly name: string;
  readonly summary: string;
  /** What else its help says. */
  readonly note?: string;
  /** A command has the same name: whether that is meant, not a command of the group that is not there. */
  readonly starts?: (args: readonly string[], env: (name: string) => string | undefined) => boolean;
}
