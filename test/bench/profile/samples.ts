/** A CPU profile of V8 as stacks with times: those of one window of the machine's monotonic clock. */
import { readFileSync } from 'node:fs';

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface Node {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
}

export interface Window {
  readonly fromUs: number;
  readonly untilUs: number;
}

export interface Stack {
  /** Innermost first. */
  readonly frames: readonly Frame[];
  readonly microseconds: number;
}

/** Of the clock in which profiles tell time. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n);

export const readStacks = (file: string, { fromUs, untilUs }: Window): readonly Stack[] => {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const spent = new Map<number, number>();
  let atUs = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const deltaUs = profile.timeDeltas[index] ?? 0;
    atUs += deltaUs;
    if (atUs >= fromUs && atUs < untilUs) spent.set(id, (spent.get(id) ?? 0) + deltaUs);
  }
  const framesOf = stacksOf(profile.nodes);
  return [...spent].map(([id, microseconds]) => ({ frames: framesOf(id), microseconds }));
};

const stacksOf = (nodes: readonly Node[]): ((id: number) => readonly Frame[]) => {
  const byId = new Map(nodes.map(node => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)));
  return id => {
    const frames: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  };
};
