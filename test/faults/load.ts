/**
 * A process that writes to a store until it is killed, and tells its parent of each acknowledged commit:
 *   `+n revision` acknowledged · `!n code` refused · `open` · `fatal code`, after which it ends with code 70
 * Commit `n` writes `pair/n/a`, `pair/n/b` and the shared `hot/a`, `hot/b`, all with the value of `n`.
 * Arguments: path of the store, first `n`, bytes of a value.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import { fatalExitCode, valueOf } from './pairs.ts';

const [path = '', firstText = '0', bytesText = '1000'] = process.argv.slice(2);
const atOnce = 16;
const pauseAfterRefusalMs = 5;
let next = Number(firstText);

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Waits where the parent is behind with reading: what is said must be in the pipe when this returns. */
const say = (line: string): void => {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
};
const codeOf = (error: unknown): string => (error instanceof CofferError ? error.code : String(error));

const store = await openSqliteStore({
  path,
  clock: realClock(),
  log: openLog({ level: 'error', format: 'standard', write: line => void writeSync(2, line) }),
  fatal: error => {
    say(`fatal ${codeOf(error)}`);
    process.exit(fatalExitCode);
  },
});
say('open');

const writeOne = async (n: number): Promise<void> => {
  const value = valueOf(n, Number(bytesText));
  const writes = [`pair/${n}/a`, `pair/${n}/b`, 'hot/a', 'hot/b'].map(key => ({ key, value }));
  try {
    const result = await store.commit({ id: randomBytes(16).toString('hex'), writes });
    say(result.ok ? `+${n} ${result.revision}` : `!${n} check`);
  } catch (error) {
    say(`!${n} ${codeOf(error)}`);
    await pause(pauseAfterRefusalMs);
  }
};

const writeOn = async (): Promise<never> => {
  for (;;) await writeOne(next++);
};

await Promise.all(Array.from({ length: atOnce }, writeOn));
