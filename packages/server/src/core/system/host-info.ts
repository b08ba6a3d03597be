/** The row `sys/host-info`, with the member names that people's tools read. */
import { t } from '@coffer/schema/fields/t.ts';
import type { Cpu, Disk, HostFacts } from '../../contracts/host.ts';
import { read } from './context.ts';

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100);

const cpuInfo = ({ model, mhz }: Cpu, index: number) => ({ cpu: index, modelName: model, mhz, cores: 1 });
const cpuTimes = ({ seconds }: Cpu, index: number) => ({ cpu: `cpu${index}`, ...seconds });

const diskUsage = ({ path, totalBytes, freeBytes, filesTotal, filesFree }: Disk) => ({
  path,
  total: totalBytes,
  free: freeBytes,
  used: totalBytes - freeBytes,
  usedPercent: percent(totalBytes - freeBytes, totalBytes),
  inodesTotal: filesTotal,
  inodesUsed: filesTotal - filesFree,
  inodesFree: filesFree,
  inodesUsedPercent: percent(filesTotal - filesFree, filesTotal),
});

const memoryUsage = ({ totalBytes, freeBytes, availableBytes }: HostFacts['memory']) => ({
  total: totalBytes,
  available: availableBytes,
  free: freeBytes,
  used: totalBytes - freeBytes,
  usedPercent: percent(totalBytes - freeBytes, totalBytes),
});

const hostInfo = ({ hostname, system, kernel, architecture, uptimeSeconds }: HostFacts, nowMs: number) => ({
  hostname,
  uptime: uptimeSeconds,
  bootTime: Math.floor(nowMs / 1000) - uptimeSeconds,
  os: system,
  platform: system,
  kernelVersion: kernel,
  kernelArch: architecture,
});

export const hostInfoRows = [
  read(
    'host-info',
    {
      summary: 'Show the machine that the server runs on',
      rootNamespaceOnly: true,
      out: {
        timestamp: t.time('When it was asked'),
        cpu: t.raw('Its processors'),
        cpu_times: t.raw('What they did since the machine started, in seconds'),
        disk: t.raw('The file systems that hold records'),
        host: t.raw('Name, system, uptime'),
        memory: t.raw('Its memory, in bytes'),
      },
    },
    async ({ core }) => {
      const facts = await core.host.facts();
      const nowMs = core.clock.now();
      return {
        timestamp: new Date(nowMs),
        cpu: facts.cpus.map(cpuInfo),
        cpu_times: facts.cpus.map(cpuTimes),
        disk: facts.disks.map(diskUsage),
        host: hostInfo(facts, nowMs),
        memory: memoryUsage(facts.memory),
      };
    },
  ),
];
