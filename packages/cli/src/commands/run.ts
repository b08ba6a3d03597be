/** `run`: a process with its secrets. The code is loaded when it is asked for. */
import { type Command, command, noLimit } from '../command.ts';
import { bool, text } from '../flags.ts';
import { idleInBulk } from '../globals.ts';

/** As `env` and container tools have it: told apart from what the process itself ends with. */
const ownFailure = 125;

export const runCommands: readonly Command[] = [
  command({
    name: 'run',
    args: '-- PROGRAM [ARGUMENT...]',
    summary: 'Run a program with secrets as variables and private files',
    details:
      'Files are readable by their owner alone and are removed when the program ends. Signals and the exit code pass through;\n' +
      `${ownFailure}: this command failed itself; 126, 127: the program cannot be run, is not there. More: docs/run.md`,
    flags: {
      env: text('NAME=PATH#KEY: a variable; may be repeated'),
      file: text('FILE=PATH#KEY: a private file; a name without a folder goes to $COFFER_RUN_DIR; may be repeated'),
      'env-all': text('PATH: every key of this secret as a variable; may be repeated'),
      'env-prefix': text('Before the names of the variables of -env-all'),
      'on-change': text('restart, or signal:NAME: follow the secrets', {}),
      'check-every': text('How often changes are looked for', { default: '10s' }),
      'restart-every': text('Shortest time between two restarts', { default: '30s' }),
      grace: text('How long a program that is restarted may take to end', { default: '10s' }),
      'pass-token': bool('Leave the token in the environment of the program'),
      'replace-files': bool('Replace files that are there already, left by a run that was killed'),
    },
    idle: [...idleInBulk, 'format'],
    count: [1, noLimit],
    doing: ([program = '']) => `preparing ${program}`,
    seeks: async cx => (await import('./run-run.ts')).soughtOf(cx),
    failure: ownFailure,
    run: async cx => (await import('./run-run.ts')).runProgram(cx),
  }),
];
