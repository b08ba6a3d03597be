/** The objects of a document: lists opened, Secrets read, other kinds counted. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Found } from './found.ts';
import { readKubeSecret, type Reading } from './kube-secret.ts';
import { shown } from './names.ts';
import { type Document, isList, isMap, type Tree, type TreeMap } from './tree.ts';

const listDepthLimit = 4;
const itemsLimit = 1_000_000;
/** Kinds counted by name; the rest together. */
const kindsLimit = 50;

const serviceAccountToken = 'kubernetes.io/service-account-token';
const helmRelease = 'helm.sh/release.v1';

export interface Choice extends Reading {
  readonly withServiceAccountTokens: boolean;
  readonly withHelmReleases: boolean;
}

type Path = readonly (string | number)[];

interface Item {
  readonly path: Path;
  readonly tree: Tree;
  /** The kind where the object does not say its own: items of a typed list do not. */
  readonly kind: string | undefined;
  readonly depth: number;
}

const listKinds: ReadonlyMap<string, string | undefined> = new Map([
  ['List', undefined],
  ['SecretList', 'Secret'],
]);

export class Objects {
  readonly #found: Found;
  readonly #choice: Choice;

  constructor(found: Found, choice: Choice) {
    this.#found = found;
    this.#choice = choice;
  }

  take(document: Document, file: string): void {
    const { value } = document;
    if (value === undefined) return this.#found.refuse(`${file}:${document.line}`, document.fault);
    if (value === null) return;
    this.#item({ path: [], tree: value, kind: undefined, depth: 0 }, document, file);
  }

  #item(item: Item, document: Document, file: string): void {
    const source = (): string => `${file}:${document.lineOf(item.path)}`;
    if (!isMap(item.tree)) return this.#found.refuse(source(), 'not an object');
    const kind = item.tree.get('kind') ?? item.kind;
    if (kind === undefined) return this.#found.skip('documents without a kind');
    if (typeof kind !== 'string') return this.#found.refuse(source(), 'kind: expected text');
    if (listKinds.has(kind)) return this.#list({ ...item, kind: listKinds.get(kind) }, document, file);
    if (kind !== 'Secret') return this.#other(kind);
    const version = item.tree.get('apiVersion') ?? 'v1';
    if (version !== 'v1') return this.#found.skip('objects called Secret of another API');
    this.#secret(item.tree, source());
  }

  #list(item: Item, document: Document, file: string): void {
    const map = item.tree as TreeMap;
    const items = map.get('items') ?? [];
    const refuse = (reason: string): void => this.#found.refuse(`${file}:${document.lineOf(item.path)}`, reason);
    if (!isList(items)) return refuse('items: expected a list');
    if (item.depth >= listDepthLimit) return refuse(`lists more than ${listDepthLimit} deep`);
    if (items.length > itemsLimit) return refuse(`items: more than ${itemsLimit}`);
    items.forEach((tree, at) =>
      this.#item({ path: [...item.path, 'items', at], tree, kind: item.kind, depth: item.depth + 1 }, document, file),
    );
  }

  #other(kind: string): void {
    const why = `of kind ${shown(kind).slice(0, 64)}`;
    const isNew = !this.#found.skipped.has(why);
    this.#found.skip(isNew && this.#found.skipped.size >= kindsLimit ? 'of other kinds' : why);
  }

  #secret(tree: TreeMap, source: string): void {
    const type = tree.get('type');
    if (type === serviceAccountToken && !this.#choice.withServiceAccountTokens) {
      return this.#found.skip('service account tokens (-with-service-account-tokens takes them)');
    }
    if (type === helmRelease && !this.#choice.withHelmReleases) {
      return this.#found.skip('Helm releases (-with-helm-releases takes them)');
    }
    try {
      this.#found.secrets.push({ secret: readKubeSecret(tree, this.#choice), source });
    } catch (error) {
      if (!(error instanceof CofferError)) throw error;
      this.#found.refuse(source, named(tree) + error.publicMessage);
    }
  }
}

/** The name of what is refused, where it has one. */
const named = (tree: TreeMap): string => {
  const metadata = tree.get('metadata');
  const name = isMap(metadata) ? metadata.get('name') : undefined;
  return typeof name === 'string' && name !== '' ? `Secret "${shown(name)}": ` : '';
};
