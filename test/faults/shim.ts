/** Builds the library of `shim.c` and steers it: one file of four numbers, shared with the process under test. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
  existsSync,
  closeSync,
} from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../run/environment.ts';

const source = path.join(import.meta.dirname, 'shim.c');
const words = { write: 0, fsync: 1, torn: 2, failed: 3 } as const;
const wordBytes = 4;

/** Compiled once for each version of the source. */
const build = (compiler: string): string => {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const library = path.join(cacheFolder(), 'faults', `shim-${hash}.so`);
  if (existsSync(library)) return library;
  mkdirSync(path.dirname(library), { recursive: true });
  const fresh = `${library}.${process.pid}`;
  execFileSync(compiler, ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', fresh, source, '-ldl']);
  renameSync(fresh, library);
  return library;
};

export class Disk {
  readonly env: NodeJS.ProcessEnv;
  readonly #file: number;

  /** Faults of the files whose path contains `touched`. */
  constructor(compiler: string, folder: string, touched: string) {
    const control = path.join(folder, 'faults');
    writeFileSync(control, new Uint8Array(Object.keys(words).length * wordBytes));
    this.#file = openSync(control, 'r+');
    this.env = { LD_PRELOAD: build(compiler), COFFER_FAULTS: control, COFFER_FAULT_PATH: touched };
  }

  #set(word: number, value: number): void {
    writeSync(this.#file, Int32Array.of(value), 0, wordBytes, word * wordBytes);
  }

  failWrites(error: 'ENOSPC' | 'EIO' | 'none'): void {
    this.#set(words.write, error === 'none' ? 0 : constants.errno[error]);
  }

  failSyncs(error: 'EIO' | 'none'): void {
    this.#set(words.fsync, error === 'none' ? 0 : constants.errno[error]);
  }

  /** The next write of many bytes ends half way, and the process with it. */
  tearNextWrite(): void {
    this.#set(words.torn, 1);
  }

  mendWrites(): void {
    this.#set(words.torn, 0);
  }

  /** Calls that failed so far. */
  failed(): number {
    const word = new Int32Array(1);
    readSync(this.#file, word, 0, wordBytes, words.failed * wordBytes);
    return word[0] ?? 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}
