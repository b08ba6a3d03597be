/** Starts the load generator and hands it orders. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { pinned } from '../machine.ts';
import type { LoadMessage, LoadOrder, LoadResult, Shape } from './plan.ts';

const program = path.join(import.meta.dirname, 'main.ts');

interface Message {
  readonly result?: LoadResult;
  readonly failure?: string;
}

export class Generator {
  readonly #child: ChildProcess;
  readonly #shape: Shape;

  constructor(core: number | undefined, shape: Shape) {
    this.#shape = shape;
    const [command, ...args] = pinned(core, [process.execPath, program]);
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Rejects where the server closes connections, or answers another status than the plan says. */
  run(order: LoadOrder): Promise<LoadResult> {
    return new Promise((done, failed) => {
      this.#child.once('message', ({ result, failure }: Message) => {
        const what = `${order.plan.method} ${order.plan.path}`;
        if (result === undefined) failed(new Error(`${what}: ${failure}`));
        else if (result.wrong !== undefined) failed(new Error(`${what}: unexpected answer\n${result.wrong}`));
        else done(result);
      });
      this.#child.send({ order, shape: this.#shape } satisfies LoadMessage);
    });
  }

  stop(): void {
    this.#child.disconnect();
  }
}
