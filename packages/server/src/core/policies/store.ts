/**
 * Policies at rest and the access lists made of them. An access list is made once for each set of policies and dropped
 * when any policy changes.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { Token } from '../tokens/token.ts';
import { Acl } from './acl.ts';
import {
  defaultPolicyName,
  defaultPolicyText,
  isAssignable,
  responseWrappingPolicyText,
  rootPolicy,
  wrappingPolicyName,
} from './builtin.ts';
import { policyName } from './names.ts';
import { parsePolicy } from './parse.ts';

export interface StoredPolicy {
  readonly name: string;
  readonly text: string;
  readonly version: number;
  readonly modifiedAtMs: number;
  readonly casRequired: boolean;
}

export interface PolicyWrite {
  readonly text: string;
  /** The version it replaces; -1 where there must be none yet. */
  readonly cas: number | undefined;
  /** Undefined: no longer. */
  readonly casRequired: boolean | undefined;
}

/** What is undefined stays as it is. */
export type PolicyPatch = Omit<PolicyWrite, 'text'> & { readonly text: string | undefined };

interface Change extends PolicyPatch {
  /** Of a policy that must be there; nothing it leaves out is reset. */
  readonly isPatch: boolean;
}

const aclCacheLimit = 10_000;
/** A write without a version loses this many races before it gives up. */
const writeAttempts = 32;
/** Defined by the product: never written, never deleted. */
const fixed: ReadonlySet<string> = new Set([rootPolicy.name, wrappingPolicyName]);

export class PolicyStore {
  readonly #records: Collection<StoredPolicy>;
  readonly #storage: MountStorage;
  readonly #clock: Clock;
  readonly #acls = new Map<string, Acl>();
  /** The same by the very list of a token that stays in memory: no text is made of it for each request. */
  #byList = new WeakMap<readonly string[], Acl>();
  readonly #rootAcl: Acl;
  #generation = 0;

  constructor(storage: MountStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    this.#records = new Collection<StoredPolicy>(storage, 'policy/', plainShape('policy'));
    this.#rootAcl = new Acl({ policies: [rootPolicy], clock });
  }

  /** Writes the default policy where it is missing. */
  async install(): Promise<void> {
    if ((await this.#records.get(defaultPolicyName)) !== undefined) return;
    const written = { text: defaultPolicyText, cas: undefined, casRequired: undefined };
    await this.#store(defaultPolicyName, { ...written, isPatch: false });
  }

  /** Forgets what was made of policies, as when the store is sealed. */
  unload(): void {
    this.#changed();
  }

  async get(name: string): Promise<StoredPolicy | undefined> {
    return (await this.#records.get(policyName(name)))?.record;
  }

  async names(): Promise<readonly string[]> {
    const stored = await this.#records.ids();
    return [...stored, rootPolicy.name].toSorted();
  }

  put(rawName: string, write: PolicyWrite): Promise<void> {
    return this.#write(rawName, { ...write, isPatch: false });
  }

  /** Throws `not_found` where there is no such policy. */
  patch(rawName: string, write: PolicyPatch): Promise<void> {
    return this.#write(rawName, { ...write, isPatch: true });
  }

  async #write(rawName: string, change: Change): Promise<void> {
    const name = policyName(rawName);
    if (fixed.has(name)) throw new CofferError('invalid_request', `cannot update "${name}" policy`);
    if (change.text !== undefined) parsePolicy(name, change.text);
    await this.#store(name, change);
  }

  async remove(rawName: string): Promise<void> {
    const name = policyName(rawName);
    if (name === defaultPolicyName) throw new CofferError('invalid_request', 'cannot delete default policy');
    if (fixed.has(name)) throw new CofferError('invalid_request', `cannot delete "${name}" policy`);
    await this.#storage.commit({ writes: [this.#records.remove(name)] });
    this.#changed();
  }

  /** A write that names no version wins over one that comes at the same time: it is made again from what that left. */
  async #store(name: string, write: Change): Promise<void> {
    const attempts = write.cas === undefined ? writeAttempts : 1;
    for (let attempt = 0; attempt < attempts; attempt++) if (await this.#tryStore(name, write)) return;
    throw new CofferError(
      'conflict',
      `policy "${name}" was changed by somebody else at the same time; read it and try again`,
    );
  }

  async #tryStore(name: string, write: Change): Promise<boolean> {
    const entry = await this.#records.get(name);
    const before = entry?.record;
    if (write.isPatch && before === undefined)
      throw new CofferError('not_found', 'there is no such policy: a patch changes one that is there');
    checkVersion(write, before);
    const record: StoredPolicy = {
      name,
      text: write.text ?? before?.text ?? '',
      version: (before?.version ?? 0) + 1,
      modifiedAtMs: this.#clock.now(),
      casRequired: write.casRequired ?? (write.isPatch && before?.casRequired === true),
    };
    const result = await this.#storage.commit({
      checks: [this.#records.check(name, entry?.revision ?? 'absent')],
      writes: [this.#records.put(name, record)],
    });
    this.#changed();
    return result.ok;
  }

  #changed(): void {
    this.#generation++;
    this.#acls.clear();
    this.#byList = new WeakMap();
  }

  /** What this token may do. */
  aclFor(token: Token): Acl | Promise<Acl> {
    const known = this.#byList.get(token.policies);
    if (known !== undefined) return known;
    if (token.policies.includes(rootPolicy.name)) return this.#rootAcl;
    const key = token.policies.join('\n');
    const acl = this.#acls.get(key);
    if (acl === undefined) return this.#compile(key, token.policies);
    this.#byList.set(token.policies, acl);
    return acl;
  }

  async #compile(key: string, names: readonly string[]): Promise<Acl> {
    const generation = this.#generation;
    const policies = [];
    for (const name of names) {
      const text = isAssignable(name) ? (await this.#records.get(name))?.record.text : responseWrappingPolicyText;
      if (text !== undefined) policies.push(parsePolicy(name, text));
    }
    const acl = new Acl({ policies, clock: this.#clock });
    if (generation === this.#generation) {
      if (this.#acls.size >= aclCacheLimit) this.#acls.clear();
      this.#acls.set(key, acl);
    }
    return acl;
  }
}

const checkVersion = ({ cas, casRequired }: Change, before: StoredPolicy | undefined): void => {
  if (cas === undefined && (before?.casRequired === true || casRequired === true))
    throw new CofferError('invalid_request', 'check-and-set parameter required for this call');
  const isMatch = cas === -1 ? before === undefined : cas === (before?.version ?? 0);
  if (cas !== undefined && !isMatch)
    throw new CofferError('invalid_request', 'check-and-set parameter did not match the current version');
};
