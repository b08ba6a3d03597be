/** The real machine. What it does not tell is left out; asking never fails. */
import { statfs } from 'node:fs/promises';
import { arch, cpus, freemem, hostname, platform, release, totalmem, uptime } from 'node:os';
import type { Cpu, Disk, Host, ProcessUsage } from '../../contracts/host.ts';

const cpuFacts = (): readonly Cpu[] =>
  cpus().map(({ model, speed, times }) => ({
    model: model.trim(),
    mhz: speed,
    seconds: {
      user: times.user / 1000,
      nice: times.nice / 1000,
      system: times.sys / 1000,
      idle: times.idle / 1000,
      irq: times.irq / 1000,
    },
  }));

const diskFacts = async (path: string): Promise<readonly Disk[]> => {
  try {
    const { bsize, blocks, bavail, files, ffree } = await statfs(path);
    return [{ path, totalBytes: bsize * blocks, freeBytes: bsize * bavail, filesTotal: files, filesFree: ffree }];
  } catch {
    return [];
  }
};

const startedAtMs = Date.now() - process.uptime() * 1000;

const usage = (): ProcessUsage => {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { residentBytes: rss, heapUsedBytes: heapUsed, cpuSeconds: (user + system) / 1_000_000, startedAtMs };
};

/** `folders`: where the server keeps its records. */
export const realHost = (folders: readonly string[]): Host => ({
  usage,
  facts: async () => ({
    hostname: hostname(),
    system: platform(),
    kernel: release(),
    architecture: arch(),
    uptimeSeconds: Math.floor(uptime()),
    cpus: cpuFacts(),
    // A container's own share, where it has one, is what the server can use.
    memory: { totalBytes: totalmem(), freeBytes: freemem(), availableBytes: process.availableMemory() },
    disks: (await Promise.all(folders.map(diskFacts))).flat(),
  }),
});
