/** What is wrong with a configuration: where, and what to do. Messages name keys and places, never values. */
import { HclError, type Place } from '@coffer/schema/hcl/error.ts';

export interface Problem extends Place {
  readonly severity: 'error' | 'warning';
  /** Name of the file as it was given, or of the environment variable (then line and column are 0). */
  readonly file: string;
  readonly message: string;
}

/** A value that its key cannot take; the message says what is expected. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** `file:line:column: message`. */
export const shownProblem = ({ file, line, column, message }: Problem): string =>
  line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;

/** Where a setting was written. */
export interface Origin extends Place {
  readonly file: string;
}

const problemsLimit = 1000;

/** Collects problems, so that one run names them all. */
export class Report {
  readonly #problems: Problem[] = [];
  readonly #firstFile: string;

  constructor(firstFile: string) {
    this.#firstFile = firstFile;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get hasErrors(): boolean {
    return this.#problems.some(problem => problem.severity === 'error');
  }

  add(severity: Problem['severity'], { file, line, column }: Origin, message: string): void {
    if (this.#problems.length < problemsLimit) this.#problems.push({ severity, file, line, column, message });
  }

  /** Something that stands nowhere. */
  missing(message: string): void {
    this.add('error', { file: this.#firstFile, line: 1, column: 1 }, message);
  }

  /** Runs `read`; a value it refuses becomes an error at that value, or at `origin`, and the answer is undefined. */
  attempt<T>(origin: Origin, what: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof HclError)
        this.add('error', { file: origin.file, line: error.line, column: error.column }, `${what}${error.reason}`);
      else if (error instanceof BadValue) this.add('error', origin, `${what}${error.message}`);
      else throw error;
      return undefined;
    }
  }
}
