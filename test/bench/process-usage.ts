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

export const residentMegabytes = (pid: number | undefined): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status')) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
};

const readProc = (pid: number | undefined, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
};
