/** What a process gets: variables and files, put together from what was read. Pure. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { asText } from '../manifests/base64.ts';
import { shown } from '../manifests/names.ts';
import type { Fetched } from './reader.ts';
import { isVariable, type Reference, type Wanted } from './wanted.ts';

export interface Delivery {
  readonly env: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, Secret>;
  /** Keys of whole secrets that cannot be variables, as `PATH#KEY`. */
  readonly unfit: readonly string[];
}

const namesLimit = 20;

/** Variables that change how programs start: whoever writes a secret must not choose them; naming one in `-env` is a choice of the caller. */
const steering =
  /^(?:PATH|IFS|ENV|BASH_ENV|SHELLOPTS|NODE_OPTIONS|NODE_PATH|PYTHON\w{0,32}|PERL\w{0,32}|RUBY\w{0,32}|JAVA_TOOL_OPTIONS|GIT_\w{0,32}|LD_\w{0,64}|DYLD_\w{0,64}|COFFER_\w{0,64}|VAULT_\w{0,64}|BAO_\w{0,64})$/;

const refuse = (reason: string): never => {
  throw new CofferError('usage', reason);
};

const listed = (names: Iterable<string>): string => {
  const all = [...names].toSorted().map(shown);
  if (all.length === 0) return 'it has none';
  const more = all.length > namesLimit ? ` and ${all.length - namesLimit} more` : '';
  return `it has ${all.slice(0, namesLimit).join(', ')}${more}`;
};

const valueOf = (all: ReadonlyMap<string, Fetched>, { path, key }: Reference): Secret => {
  const values = all.get(path)?.values ?? new Map<string, Secret>();
  const value = values.get(key);
  if (value !== undefined) return value;
  throw new CofferError('not_found', `${path}: no key "${shown(key)}"; ${listed(values.keys())}`);
};

/** Variables are text without NUL. */
const variableText = (value: Secret): string | undefined => {
  const text = asText(value.reveal());
  return text === undefined || text.includes('\0') ? undefined : text;
};

class Variables {
  readonly env = new Map<string, string>();
  readonly unfit: string[] = [];

  whole(path: string, prefix: string, fetched: Fetched | undefined): void {
    for (const [key, value] of fetched?.values ?? []) {
      const name = prefix + key;
      const text = variableText(value);
      if (!isVariable(name) || steering.test(name) || text === undefined) this.unfit.push(`${path}#${shown(key)}`);
      else this.env.set(name, text);
    }
  }

  one(name: string, reference: Reference, value: Secret): void {
    const what = `${reference.path}#${shown(reference.key)}`;
    this.env.set(name, variableText(value) ?? refuse(`${what}: not text; give it as a file with -file`));
  }
}

/** Throws where a key is missing, naming those there are. */
export const deliveryOf = (wanted: Wanted, all: ReadonlyMap<string, Fetched>): Delivery => {
  const variables = new Variables();
  for (const path of wanted.whole) variables.whole(path, wanted.prefix, all.get(path));
  for (const [name, reference] of wanted.env) variables.one(name, reference, valueOf(all, reference));
  const files = new Map([...wanted.files].map(([name, reference]) => [name, valueOf(all, reference)]));
  return { env: variables.env, files, unfit: variables.unfit.toSorted() };
};

const sameBytes = (left: Uint8Array, right: Uint8Array | undefined): boolean =>
  left.length === right?.length && left.every((byte, at) => byte === right[at]);

/** A new version with the same content is no change. */
export const sameDelivery = (left: Delivery, right: Delivery): boolean =>
  left.env.size === right.env.size &&
  [...left.env].every(([name, value]) => right.env.get(name) === value) &&
  [...left.files].every(([name, value]) => sameBytes(value.reveal(), right.files.get(name)?.reveal()));
