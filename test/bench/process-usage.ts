/** What a process has used so far, from the kernel: CPU time of all its threads, and memory. Linux only. */
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** User and system time in microseconds; NaN where the kernel does not tell. */
export const cpuMicroseconds = (pid: number | undefined): number => {
  const text = readProc(pid, 'stat');
  // Behind the name, which may hold spaces: state is field 0, utime and stime are 11 and 12.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
};

export const residentMegabytes = (pid: number | undefined): number => (statusKiB(pid, 'VmRSS') * 1024) / 1e6;

/** Now, and the most there ever was. */
export const residentMiB = (pid: number | undefined): number => statusKiB(pid, 'VmRSS') / 1024;
export const peakMiB = (pid: number | undefined): number => statusKiB(pid, 'VmHWM') / 1024;

const statusKiB = (pid: number | undefined, name: string): number => {
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readProc(pid, 'status')) ?? [];
  return Number(kibibytes ?? Number.NaN);
};

const readProc = (pid: number | undefined, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
};
