/** CPU time of a process by the names of its threads, from the kernel. Linux only; elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

export type ThreadTimes = ReadonlyMap<string, number>;

/** Threads that have ended meanwhile are left out. */
export const threadMicroseconds = (pid: number): ThreadTimes => {
  const times = new Map<string, number>();
  for (const task of tasksOf(pid)) {
    const text = read(`/proc/${pid}/task/${task}/stat`);
    const name = task === `${pid}` ? 'main' : text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const microseconds = ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
    if (microseconds > 0) times.set(name, (times.get(name) ?? 0) + microseconds);
  }
  return times;
};

export const between = (before: ThreadTimes, after: ThreadTimes): ThreadTimes =>
  new Map([...after].map(([name, microseconds]) => [name, microseconds - (before.get(name) ?? 0)] as const));

const tasksOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
