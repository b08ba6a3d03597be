/** What `--env` and `--file` ask for: NAME=PATH#KEY. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Reference {
  /** With the mount, without `data/`: `secret/app`. */
  readonly path: string;
  readonly key: string;
}

export interface Wanted {
  readonly env: ReadonlyMap<string, Reference>;
  readonly files: ReadonlyMap<string, Reference>;
  /** Secrets of which every key becomes a variable. */
  readonly whole: readonly string[];
  /** Before the names of those variables. */
  readonly prefix: string;
}

const wantedLimit = 1000;
const variable = /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/;

export const isVariable = (name: string): boolean => variable.test(name);

const refuse = (reason: string): never => {
  throw new CofferError('usage', reason);
};

const referenceOf = (flag: string, given: string): [string, Reference] => {
  const equals = given.indexOf('=');
  const hash = given.indexOf('#', equals);
  if (equals < 1 || hash < equals + 2 || hash === given.length - 1) {
    return refuse(`-${flag}: expected ${flag === 'env' ? 'NAME' : 'FILE'}=PATH#KEY, such as ${example(flag)}`);
  }
  const path = given.slice(equals + 1, hash).replace(/^\/{1,9}|\/{1,9}$/g, '');
  return [given.slice(0, equals), { path, key: given.slice(hash + 1) }];
};

const example = (flag: string): string =>
  flag === 'env' ? 'DB_PASSWORD=secret/app#password' : 'tls.key=secret/app#tls.key';

const referencesOf = (flag: string, given: readonly string[]): Map<string, Reference> => {
  if (given.length > wantedLimit) refuse(`-${flag}: more than ${wantedLimit}`);
  const found = new Map<string, Reference>();
  for (const one of given) {
    const [name, reference] = referenceOf(flag, one);
    if (found.has(name)) refuse(`-${flag}: ${name} is given twice`);
    found.set(name, reference);
  }
  return found;
};

export interface Given {
  readonly env: readonly string[];
  readonly file: readonly string[];
  readonly whole: readonly string[];
  readonly prefix: string;
}

/** Throws `usage`. */
export const wantedOf = (given: Given): Wanted => {
  const env = referencesOf('env', given.env);
  for (const name of env.keys()) if (!isVariable(name)) refuse(`-env: ${name} is no name for a variable`);
  if (given.prefix !== '' && !isVariable(given.prefix)) refuse('-env-prefix: not the start of a name for a variable');
  const whole = given.whole.map(path => path.replace(/^\/{1,9}|\/{1,9}$/g, ''));
  if (whole.length > wantedLimit || whole.includes('')) refuse('-env-all: expected a path such as secret/app');
  return { env, files: referencesOf('file', given.file), whole, prefix: given.prefix };
};

/** Every secret that is asked for, once. */
export const pathsOf = ({ env, files, whole }: Wanted): readonly string[] => [
  ...new Set([...whole, ...[...env.values(), ...files.values()].map(({ path }) => path)]),
];
