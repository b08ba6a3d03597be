/**
 * Which mount a path falls into. No mount stands inside another, so at most one prefix of a path is a mount's, and the
 * mount found last is the answer again for every path below it.
 */
import type { Mount } from './mount.ts';

export class MountRoutes {
  readonly #byPrefix = new Map<string, Mount>();
  #recent: Mount | undefined;

  get prefixes(): Iterable<string> {
    return this.#byPrefix.keys();
  }

  get mounts(): Iterable<Mount> {
    return this.#byPrefix.values();
  }

  at(prefix: string): Mount | undefined {
    return this.#byPrefix.get(prefix);
  }

  set(mount: Mount): void {
    this.#recent = undefined;
    this.#byPrefix.set(mount.prefix, mount);
  }

  delete(prefix: string): void {
    this.#recent = undefined;
    this.#byPrefix.delete(prefix);
  }

  clear(): void {
    this.#recent = undefined;
    this.#byPrefix.clear();
  }

  resolve(path: string): Mount | undefined {
    if (this.#recent !== undefined && path.startsWith(this.#recent.prefix)) return this.#recent;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const mount = this.#byPrefix.get(path.slice(0, slash + 1));
      if (mount !== undefined) return (this.#recent = mount);
    }
    return undefined;
  }
}
