/** The change stream: how long it takes until all who follow have heard of a write, and how many words it says in a second. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { FollowOrder, FollowResult } from './load/followers.ts';
import { pinned } from './machine.ts';
import { must } from './target/api.ts';
import { cpuMicroseconds } from './process-usage.ts';
import { initialise, startCoffer } from './target/coffer.ts';

const program = path.join(import.meta.dirname, 'load/followers.ts');
/** Few enough that each write is told before the next. */
const calmWritesPerSecond = 10;

export interface EventsMeasured {
  readonly followers: number;
  readonly calm: FollowResult;
  readonly busy: FollowResult;
  /** The same writes, with nobody there. */
  readonly alone: FollowResult;
  /** CPU time of the server for each event told to one follower, all threads, while busy. */
  readonly toldCpuUs: number;
}

export interface EventsPlace {
  readonly folder: string;
  readonly core: number | undefined;
  readonly clientCore: number | undefined;
  readonly followers: number;
  readonly seconds: number;
}

interface Message {
  readonly result?: FollowResult;
  readonly failure?: string;
}

const follow = (core: number | undefined, order: FollowOrder): Promise<FollowResult> => {
  const [command, ...args] = pinned(core, [process.execPath, program]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise<FollowResult>((done, failed) => {
    child.once('error', failed);
    child.once('exit', code => failed(new Error(`the followers ended (${code})`)));
    child.once('message', ({ result, failure }: Message) => {
      if (result === undefined) failed(new Error(`events: ${failure}`));
      else done(result);
    });
    child.send(order);
  }).finally(() => {
    if (child.connected) child.disconnect();
  });
};

export const measureEvents = async (place: EventsPlace): Promise<EventsMeasured> => {
  const { folder, core, clientCore, followers, seconds } = place;
  const coffer = await startCoffer({ folder, core, audit: true });
  try {
    const { host, port, token } = await initialise(coffer);
    const api = { host, port, token };
    await must(api, 'POST /v1/sys/mounts/bench', { type: 'kv', options: { version: '2' } });
    const order = { ...api, followers, seconds, writesPerSecond: 0 };
    const alone = await follow(clientCore, { ...order, followers: 0 });
    const calm = await follow(clientCore, { ...order, writesPerSecond: calmWritesPerSecond });
    const before = cpuMicroseconds(coffer.pid);
    const busy = await follow(clientCore, order);
    const toldCpuUs = (cpuMicroseconds(coffer.pid) - before) / busy.told;
    return { followers, calm, busy, alone, toldCpuUs };
  } finally {
    await coffer.stop();
  }
};
