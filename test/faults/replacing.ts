/**
 * A process that puts a copy of many records in the place of a store's own, again and again: `old`, `new`, `old` … It says
 * `open`, `begin <name>` before and `done <name>` after each, `refused <code>` where it could not.
 * Arguments: path of the store, number of records.
 */
import { writeSync } from 'node:fs';
import { CofferError } from '@coffer/schema/errors.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import { copyBytesOf } from './replaced.ts';

const [path = '', countText = '0', nameText = 'new'] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

const store = await openSqliteStore({
  path,
  clock: realClock(),
  log: openLog({ level: 'error', format: 'standard', write: line => void writeSync(2, line) }),
  fatal: () => process.exit(70),
});
say('open');
const replaceBy = async (name: string): Promise<void> => {
  const incoming = await store.receive([]);
  await incoming.write(copyBytesOf(name, Number(countText)));
  const copy = await incoming.finish();
  say(`begin ${name}`);
  try {
    await store.replace(copy);
    say(`done ${name}`);
  } catch (error) {
    say(`refused ${error instanceof CofferError ? error.code : String(error)}`);
  } finally {
    await copy.discard();
  }
};
for (let name = nameText; ; name = name === 'new' ? 'old' : 'new') await replaceBy(name);
