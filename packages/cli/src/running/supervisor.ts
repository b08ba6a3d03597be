/**
 * Keeps one process: hands signals on, starts it anew on request, and ends as it ends. A restart asks it to stop, ends it
 * after a grace period, and happens at most once in an interval; what comes in between is one restart at its end.
 */
import type { Runtime } from '@coffer/client/runtime.ts';
import type { Child, Ended, Environment, Processes, StartFailure } from './surroundings.ts';

export interface Supervision {
  readonly command: readonly string[];
  readonly graceMs: number;
  readonly restartEveryMs: number;
  readonly say: (line: string) => void;
}

/** What asks for the end: then the process is not started again. */
export const endingSignals: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);

const startExit: { readonly [F in StartFailure]: number } = { not_found: 127, not_executable: 126 };

export class Supervisor {
  readonly #processes: Processes;
  readonly #after: Runtime['after'];
  readonly #supervision: Supervision;
  #child: Child | undefined;
  /** The signal that asked for the end. */
  #asked: string | undefined;
  #restarting = false;
  #cooling = false;
  #pending = false;
  #cancelGrace = (): void => undefined;
  #cancelCooling = (): void => undefined;

  constructor(processes: Processes, after: Runtime['after'], supervision: Supervision) {
    this.#processes = processes;
    this.#after = after;
    this.#supervision = supervision;
  }

  /** `env` is asked for at each start. Resolves with the exit code. */
  async run(env: () => Environment): Promise<number> {
    try {
      for (;;) {
        if (this.#asked !== undefined) return this.#processes.signalExit(this.#asked);
        const code = await this.#once(env());
        if (code !== undefined) return code;
      }
    } finally {
      this.#cancelGrace();
      this.#cancelCooling();
    }
  }

  signal(signal: string): void {
    if (endingSignals.has(signal) && (this.#restarting || this.#child === undefined)) this.#asked = signal;
    this.#child?.kill(signal);
  }

  /** Says that something changed; asks for no end. */
  notify(signal: string): void {
    this.#child?.kill(signal);
  }

  restart(): void {
    if (this.#cooling) {
      this.#pending = true;
      return;
    }
    if (this.#child === undefined || this.#restarting) return;
    this.#restarting = true;
    this.#cool();
    this.#supervision.say('a secret changed: restarting the process');
    const child = this.#child;
    child.kill('SIGTERM');
    this.#cancelGrace = this.#after(this.#supervision.graceMs, () => child.kill('SIGKILL'));
  }

  /** `undefined`: start again. */
  async #once(env: Environment): Promise<number | undefined> {
    const child = await this.#processes.start(this.#supervision.command, env);
    if (child === 'not_found' || child === 'not_executable') return this.#failed(child);
    this.#child = child;
    if (this.#asked !== undefined) child.kill(this.#asked);
    const ended = await child.ended;
    this.#child = undefined;
    this.#cancelGrace();
    if (!this.#restarting || this.#asked !== undefined) return this.#codeOf(ended);
    this.#restarting = false;
    return undefined;
  }

  #failed(failure: StartFailure): number {
    const what = failure === 'not_found' ? 'no such program' : 'it cannot be run';
    this.#supervision.say(`${this.#supervision.command[0] ?? ''}: ${what}`);
    return startExit[failure];
  }

  #cool(): void {
    this.#cooling = true;
    this.#cancelCooling = this.#after(this.#supervision.restartEveryMs, () => {
      this.#cooling = false;
      const again = this.#pending;
      this.#pending = false;
      if (again) this.restart();
    });
  }

  #codeOf({ code, signal }: Ended): number {
    return signal === null ? (code ?? 0) : this.#processes.signalExit(signal);
  }
}
