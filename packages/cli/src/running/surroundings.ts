/** What `coffer run` takes from outside: processes, signals, private files, time. */
import type { Runtime } from '@coffer/client/runtime.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Child {
  kill(signal: string): void;
  readonly ended: Promise<Ended>;
}

export type StartFailure = 'not_found' | 'not_executable';

export type Environment = ReadonlyMap<string, string>;

export interface Processes {
  /** Streams are handed on. */
  start(command: readonly string[], env: Environment): Promise<Child | StartFailure>;
  /** From now on these signals do not end this process; the answer ends the listening. */
  onSignal(take: (signal: string) => void): () => void;
  /** 128 and the signal's number. */
  signalExit(signal: string): number;
}

export interface PrivateFiles {
  /** Where a file will be: names without a folder go to one of this process alone. Makes the folders. */
  place(name: string): Promise<string>;
  /** Makes it, or replaces it as a whole where this process made it. */
  write(path: string, content: Uint8Array): Promise<void>;
  /** Everything that was made. Also happens when this process ends in any other way but SIGKILL. */
  remove(): void;
}

export interface RunningIo {
  readonly processes: Processes;
  readonly openFiles: (replace: boolean) => PrivateFiles;
  readonly timer: Pick<Runtime, 'after' | 'chance'>;
  /** The caller's, as it was before the launcher changed it for Node. */
  readonly environment: () => Environment;
  /** Ends this process at once: nothing that is still under way to the store is waited for. */
  readonly leave: (code: number) => void;
}
