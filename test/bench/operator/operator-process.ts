/** `coffer operator` as users start it, or, where it is to be profiled, without its launcher. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Cluster } from '../../peers/cluster/cluster.ts';
import { listening } from '../../peers/listening.ts';
import { root } from '../../run/environment.ts';

export interface OperatorProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface OperatorStart {
  readonly cluster: Cluster;
  readonly flags: readonly string[];
  readonly profiles: string | undefined;
}

const launcher = path.join(root, 'packages/cli/bin/coffer');
const program = path.join(root, 'packages/cli/src/main.ts');

const commandOf = (profiles: string | undefined): readonly [string, ...string[]] =>
  profiles === undefined
    ? [launcher]
    : [process.execPath, '--cpu-prof', `--cpu-prof-dir=${path.resolve(profiles)}`, program];

export const startOperator = async ({ cluster, flags, profiles }: OperatorStart): Promise<OperatorProcess> => {
  const [command, ...before] = commandOf(profiles);
  const args = [...before, 'operator', `-kubeconfig=${cluster.kubeconfig.path}`, ...flags];
  const child = spawn(command, args, { cwd: cluster.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const { ended } = await listening(child, /Coffer operator started! cluster (\S+)/);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { pid: child.pid ?? -1, stop };
};
