/**
 * The store's own composition with an engine that gives leases: its users are lines of a file, so that what was made and
 * taken back outside outlives the process. Arguments: configuration, file of the users.
 */
import { appendFileSync, existsSync, readFileSync, writeSync } from 'node:fs';
import { readConfiguration } from '../../packages/server/src/compose/configuration/read.ts';
import { readSources } from '../../packages/server/src/compose/server/sources.ts';
import { startServer } from '../../packages/server/src/compose/server/start.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { userEngine, World } from '../core/leases/engine.ts';
import { fatalExitCode } from './pairs.ts';
import { usersIn } from './users-server.ts';

const [configurationFile = '', file = ''] = process.argv.slice(2);

/** Each change is in the file before its maker is told. */
class FileUsers extends Map<string, number> {
  override set(user: string, endsAt: number): this {
    appendFileSync(file, `+${user}\n`);
    return super.set(user, endsAt);
  }

  override delete(user: string): boolean {
    appendFileSync(file, `-${user}\n`);
    return super.delete(user);
  }
}

class FileWorld extends World {
  override readonly users = new FileUsers();
}

const world = new FileWorld();
if (existsSync(file))
  for (const user of usersIn(readFileSync(file, 'utf8'))) Map.prototype.set.call(world.users, user, 0);

const { configuration } = readConfiguration(await readSources([configurationFile]), {});
const running = await startServer({
  configuration,
  log: openLog({ level: 'warn', format: 'standard', write: line => void writeSync(2, line) }),
  fatal: reason => {
    writeSync(2, `fatal: ${reason}\n`);
    process.exit(fatalExitCode);
  },
  engines: [userEngine(world)],
});
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
process.stdout.write(`listening on ${running.addresses.join(', ')}\n`);
