/** argv → the part of Coffer that is asked for, and nothing else. */
import { CofferError, errorFacts } from '@coffer/schema/errors.ts';
import { output } from './platform/process/process.ts';

type Command = (argv: readonly string[]) => Promise<number>;

/** Only the one that runs is loaded: what the others are made of takes memory and time to start. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['server', async () => (await import('./compose/server/server.ts')).serverCommand],
  ['operator', async () => (await import('./compose/operator/operator.ts')).operatorCommand],
  ['operator manifests', async () => (await import('./compose/operator/manifests.ts')).manifestsCommand],
  ['migrate', async () => (await import('./compose/migrate/migrate.ts')).migrateCommand],
  ['doctor', async () => (await import('./compose/doctor/doctor.ts')).doctorCommand],
  ['dev', async () => (await import('./compose/dev/dev.ts')).devCommand],
]);

/** Answers the exit code. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const [name = '', ...rest] = argv;
  const command = commands.get(name);
  try {
    if (command === undefined)
      throw new CofferError('usage', `unknown command "${name}"; there is: ${[...commands.keys()].join(', ')}`);
    return await (await command())(rest);
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    output.err(`${cause.publicMessage}\n`);
    return errorFacts.usage.exit;
  }
};
