/** argv → the part of Coffer that is asked for, and nothing else. */
import { CofferError, errorFacts } from '@coffer/schema/errors.ts';
import { doctorCommand } from './compose/doctor/doctor.ts';
import { operatorCommand } from './compose/operator/operator.ts';
import { serverCommand } from './compose/server/server.ts';
import { output } from './platform/process/process.ts';

const commands: ReadonlyMap<string, (argv: readonly string[]) => Promise<number>> = new Map([
  ['server', serverCommand],
  ['operator', operatorCommand],
  ['doctor', doctorCommand],
]);

/** Answers the exit code. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const [name = '', ...rest] = argv;
  const command = commands.get(name);
  try {
    if (command === undefined)
      throw new CofferError('usage', `unknown command "${name}"; there is: ${[...commands.keys()].join(', ')}`);
    return await command(rest);
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    output.err(`${cause.publicMessage}\n`);
    return errorFacts.usage.exit;
  }
};
