/**
 * Run after `npm install` has changed package-lock.json: takes out the optional dependencies that the lock file itself
 * has no entry for (builds for platforms the registry at hand does not offer). `npm ci` refuses a lock file that names
 * what it does not hold.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  optionalDependencies?: Record<string, string>;
}
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** `package > dependency` for each optional dependency that is named and not held. */
export const danglingOptionals = (lock: Lock): string[] => {
  const held = new Set(Object.keys(lock.packages).map(name => name.slice(name.lastIndexOf('node_modules/') + 13)));
  return Object.entries(lock.packages).flatMap(([name, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter(wanted => !held.has(wanted))
      .map(wanted => `${name} > ${wanted}`),
  );
};

export const pruneOptionals = (lock: Lock): void => {
  const dangling = new Set(danglingOptionals(lock));
  for (const [name, entry] of Object.entries(lock.packages)) {
    const kept = Object.entries(entry.optionalDependencies ?? {}).filter(
      ([wanted]) => !dangling.has(`${name} > ${wanted}`),
    );
    if (entry.optionalDependencies !== undefined) entry.optionalDependencies = Object.fromEntries(kept);
    if (kept.length === 0) delete entry.optionalDependencies;
  }
};

if (import.meta.main) {
  const file = path.join(path.dirname(import.meta.dirname), 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  pruneOptionals(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
