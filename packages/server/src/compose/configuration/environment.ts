/** Environment variables that stand for configuration keys: `COFFER_X`, else `BAO_X`, else `VAULT_X`. */
import type { Origin } from './problem.ts';

/** As `process.env`. */
export type Variables = { readonly [name: string]: string | undefined };

const prefixes = ['COFFER_', 'BAO_', 'VAULT_'] as const;

export interface Found {
  readonly value: string;
  readonly origin: Origin;
}

export class Environment {
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** By full name. */
  named(name: string): string | undefined {
    return Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
  }

  /** By name without prefix. A variable that is present but empty counts, and hides those after it. */
  get(name: string): Found | undefined {
    for (const prefix of prefixes) {
      const value = this.named(`${prefix}${name}`);
      if (value !== undefined) return { value, origin: { file: `${prefix}${name}`, line: 0, column: 0 } };
    }
    return undefined;
  }

  /** The first of several names that is there. */
  first(names: readonly string[]): Found | undefined {
    for (const name of names) {
      const found = this.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
