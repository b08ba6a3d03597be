/** One process at a time: a file that holds the process id of its owner. One whose owner is gone counts as released. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const lookEveryMs = 500;

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const take = (file: string): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
};

const ownerOf = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/** Resolves to what gives it back. Rejects once its owner has held it for `limitMs`. */
export const holdLock = async (file: string, limitMs: number): Promise<() => void> => {
  const endMs = performance.now() + limitMs;
  while (!take(file)) {
    const owner = ownerOf(file);
    // An owner of 0 is a file just released, or one whose owner is about to write its id into it.
    if (owner > 0 && !lives(owner)) rmSync(file, { force: true });
    else if (performance.now() > endMs) throw new Error(`process ${owner} holds ${file}: end it or remove the file`);
    else await wait(lookEveryMs);
  }
  return () => rmSync(file, { force: true });
};
