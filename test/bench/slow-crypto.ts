/**
 * Reads while RSA keys are made, against reads before, and how late the server's loop is meanwhile. The keys are made by an
 * engine of the bench that does nothing else.
 */
import path from 'node:path';
import { measure, type Measured, medianOf, type Server } from './measure.ts';
import type { Bench } from './setting.ts';
import { call, must } from './target/api.ts';
import { type Coffer, initialise, startCoffer } from './target/coffer.ts';
import type { LoopDelay } from './target/crypto-main.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import { keysMount, workloads } from './workloads.ts';

const program = path.join(import.meta.dirname, 'target/crypto-main.ts');
const windowSeconds = 1;
const keys = 8;
/** How long a machine may take that has other things to do. */
const windowsLimit = 120;

export interface UnderLoad {
  /** Median of windows of a second. */
  readonly reads: Measured;
  readonly loop: LoopDelay;
}

export interface SlowCrypto {
  readonly keys: number;
  readonly quiet: UnderLoad;
  readonly making: UnderLoad;
  /** Without a read. */
  readonly alone: LoopDelay;
  /** From asking for all until the last was there, with reads and without. */
  readonly seconds: number;
  readonly aloneSeconds: number;
}

const loopOf = (coffer: Coffer): Promise<LoopDelay> =>
  new Promise(done => {
    coffer.child.once('message', told => done(told as LoopDelay));
    coffer.child.send('how late');
  });

export const runSlowCrypto = async ({ options, cores, folder, generator, say }: Bench): Promise<SlowCrypto> => {
  say(`reading while ${keys} RSA-4096 keys are made …`);
  const place = { folder: path.join(folder, 'slow-crypto'), core: cores.server, audit: true };
  const coffer = await startCoffer({ ...place, program: [program] });
  try {
    const root = await initialise(coffer);
    const user = await prepareToken(root);
    await prepareKeys(root, user, generator);
    await must(root, `POST /v1/sys/mounts/${keysMount}`, { type: 'bench-keys' });
    const workload = workloads.find(({ name }) => name === 'kv2-read');
    if (workload === undefined) throw new Error('there is nothing to read');
    const server: Server = { ...user, pid: coffer.pid };
    const window = (): Promise<Measured> => measure(server, { generator, workload, seconds: windowSeconds });
    const makeAll = async (): Promise<number> => {
      const began = performance.now();
      const made = Array.from({ length: keys }, (_, at) => call(root, `POST /v1/${keysMount}/keys/k${at}`));
      const lost = (await Promise.all(made)).find(({ status }) => status !== 200);
      if (lost !== undefined) throw new Error(`a key was not made (${lost.status})`);
      return (performance.now() - began) / 1000;
    };
    for (let warm = 0; warm < 2; warm++) await window();
    await loopOf(coffer);
    const before: Measured[] = [];
    for (let round = 0; round < options.rounds; round++) before.push(await window());
    const quiet: UnderLoad = { reads: medianOf(before), loop: await loopOf(coffer) };
    const state: { seconds?: number } = {};
    const all = makeAll().then(took => (state.seconds = took));
    const during: Measured[] = [];
    while (state.seconds === undefined) {
      if (during.length === windowsLimit) throw new Error('the keys are never made');
      during.push(await window());
    }
    const making: UnderLoad = { reads: medianOf(during), loop: await loopOf(coffer) };
    const aloneSeconds = await makeAll();
    return { keys, quiet, making, alone: await loopOf(coffer), seconds: await all, aloneSeconds };
  } finally {
    await coffer.stop();
  }
};
