/**
 * Secrets of the store as manifests. Names come from the store and may be anything: each is checked before it becomes part
 * of a manifest or a file name (S21). What cannot be a Secret is named and left out.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Refused } from './found.ts';
import type { KubeSecret } from './kube-secret.ts';
import { isKey, isName, isNamespace, shown } from './names.ts';
import { secretFrom } from './record.ts';
import type { SecretStore } from './store.ts';

const depthLimit = 32;
const secretsLimit = 1_000_000;

const fail = (reason: string): never => {
  throw new CofferError('usage', reason);
};

export class Export {
  readonly #store: SecretStore;
  readonly #namespace: string;
  readonly refused: Refused[] = [];
  readonly #taken = new Map<string, string>();
  #count = 0;

  constructor(store: SecretStore, defaultNamespace: string) {
    this.#store = store;
    this.#namespace = defaultNamespace;
  }

  /** In the order of their paths. */
  async *below(folder: string, depth = 0): AsyncGenerator<KubeSecret> {
    if (depth > depthLimit) fail(`${shown(folder)}: folders more than ${depthLimit} deep`);
    for (const name of (await this.#store.list(folder)).toSorted()) {
      const path = folder + name;
      if (name.endsWith('/')) yield* this.below(path, depth + 1);
      else {
        const secret = await this.#one(path);
        if (secret !== undefined) yield secret;
      }
    }
  }

  async #one(path: string): Promise<KubeSecret | undefined> {
    this.#count += 1;
    if (this.#count > secretsLimit) fail(`more than ${secretsLimit} secrets`);
    try {
      return this.#checked(path, await this.#read(path));
    } catch (error) {
      if (!(error instanceof CofferError) || !namedOnly.has(error.code)) throw error;
      this.#refuse(path, error.publicMessage);
      return undefined;
    }
  }

  async #read(path: string): Promise<KubeSecret | undefined> {
    const { data, facts } = await this.#store.read(path);
    if (data === undefined) return undefined;
    const parts = path.split('/');
    const secret = secretFrom(data, facts);
    return {
      ...secret,
      name: secret.name || (parts.at(-1) ?? ''),
      namespace: secret.namespace || this.#namespace,
    };
  }

  #checked(path: string, secret: KubeSecret | undefined): KubeSecret | undefined {
    if (secret === undefined) return undefined;
    if (!isName(secret.name)) fail(`"${shown(secret.name)}" is no name that Kubernetes allows`);
    if (!isNamespace(secret.namespace)) fail(`"${shown(secret.namespace)}" is no namespace that Kubernetes allows`);
    for (const key of secret.data.keys()) if (!isKey(key)) fail(`"${shown(key)}" is no key that Kubernetes allows`);
    const place = `${secret.namespace}/${secret.name}`;
    const first = this.#taken.get(place);
    if (first !== undefined) fail(`the same Secret ${place} as ${first}`);
    this.#taken.set(place, this.#store.mount + path);
    return secret;
  }

  #refuse(path: string, reason: string): void {
    this.refused.push({ source: shown(this.#store.mount + path), reason });
  }
}

/** One secret's own trouble; anything else ends the export. */
const namedOnly: ReadonlySet<string> = new Set(['usage', 'invalid_request', 'permission_denied']);
