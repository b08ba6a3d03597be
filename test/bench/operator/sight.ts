/** What the bench sees of the cluster, by watches of its own: Secrets, whether ExternalSecrets are ready, and when. */
import { resources } from '../../../packages/server/src/kubernetes/api/resources.ts';
import { realClock } from '../../../packages/server/src/platform/clock/real.ts';
import { follow } from '../../../packages/server/src/platform/kube/follow.ts';
import { realRandom } from '../../../packages/server/src/platform/random/real.ts';
import type { Kube, KubeObject, Resource } from '../../../packages/server/src/contracts/kube.ts';
import type { Log } from '../../../packages/server/src/contracts/log.ts';
import { namespace, valueOf } from './objects.ts';

const limitMs = 180_000;
const silent: Log = { write: () => undefined, with: () => silent };

/** How a Secret should be: this value, in a version later than that one. */
export interface Wanted {
  readonly value: string;
  readonly after: number;
}

interface Seen {
  readonly value: string;
  readonly version: number;
}

interface Followed<T> {
  readonly resource: Resource;
  readonly project: (object: KubeObject) => T;
  readonly seen: Map<string, T>;
}

interface Pause {
  readonly isOver: () => boolean;
  readonly over: (atMs: number) => void;
}

const seenSecret = (object: KubeObject): Seen => ({
  value: valueOf(object),
  version: Number(object.metadata.resourceVersion),
});

const isReady = (object: KubeObject): boolean => {
  const status = (object['status'] ?? {}) as { readonly conditions?: readonly { type: string; status: string }[] };
  return status.conditions?.some(one => one.type === 'Ready' && one.status === 'True') ?? false;
};

export class Sight {
  readonly #secrets = new Map<string, Seen>();
  readonly #ready = new Map<string, boolean>();
  /** Who waits for which name. */
  readonly #pauses = new Map<string, Set<Pause>>();
  readonly #end = new AbortController();
  #changedAtMs = 0;

  /** Resolves when both watches have their first list. */
  async open(kube: Kube): Promise<void> {
    await Promise.all([
      this.#follow(kube, { resource: resources.secret, project: seenSecret, seen: this.#secrets }),
      this.#follow(kube, { resource: resources.externalSecret, project: isReady, seen: this.#ready }),
    ]);
  }

  close(): void {
    this.#end.abort();
  }

  /** Version of the Secret; 0: there is none. */
  versionOf(name: string): number {
    return this.#secrets.get(name)?.version ?? 0;
  }

  isRight(name: string, { value, after }: Wanted): boolean {
    const secret = this.#secrets.get(name);
    return secret?.value === value && secret.version > after && this.#ready.get(name) === true;
  }

  /** When its Secret was seen to be right, by `performance.now()`. */
  untilRight(name: string, wanted: Wanted): Promise<number> {
    const isOver = (): boolean => this.isRight(name, wanted);
    if (isOver()) return Promise.resolve(this.#changedAtMs);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => reject(new Error(`Secret ${name} is not right after ${limitMs / 1000} s`)), limitMs);
    const over = (atMs: number): void => {
      clearTimeout(timer);
      resolve(atMs);
    };
    this.#pauses.set(name, (this.#pauses.get(name) ?? new Set<Pause>()).add({ isOver, over }));
    return promise;
  }

  /** Nothing has changed for this long. */
  async untilStill(ms: number): Promise<void> {
    for (;;) {
      const leftMs = this.#changedAtMs + ms - performance.now();
      if (leftMs <= 0) return;
      await new Promise(resolve => setTimeout(resolve, leftMs));
    }
  }

  #follow<T>(kube: Kube, { resource, project, seen }: Followed<T>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const around = { reader: kube, clock: realClock(), random: realRandom(), log: silent };
    const sink = {
      changed: ({ type, at, remembered }: { type: string; at: { name: string }; remembered: T }): void => {
        if (type === 'deleted') seen.delete(at.name);
        else seen.set(at.name, remembered);
        this.#tell(at.name);
      },
      synced: () => resolve(),
    };
    follow({ ...around, resource, selection: { namespace }, project, sink }, this.#end.signal).catch(reject);
    return promise;
  }

  #tell(name: string): void {
    this.#changedAtMs = performance.now();
    const waiting = this.#pauses.get(name);
    for (const pause of waiting ?? []) {
      if (!pause.isOver()) continue;
      waiting?.delete(pause);
      pause.over(this.#changedAtMs);
    }
  }
}
