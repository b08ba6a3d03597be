/**
 * A resource followed for ever: listed once, then watched, resumed where a watch ended. Where the API server no longer
 * keeps what came between, it is listed anew, and what vanished meanwhile is told as deleted. Of each object only what
 * the caller projects is remembered.
 */
import type { Clock } from '../../contracts/clock.ts';
import type {
  KubeObject,
  KubePager,
  KubeReader,
  ObjectAt,
  ObjectList,
  ObjectPage,
  Resource,
  Selection,
  WatchEvent,
} from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { askedMs, backOffMs, pause } from './back-off.ts';
import { followDelayLimitMs, followFirstDelayMs, resumesLimit, watchSoundMs } from './bounds.ts';
import { isExpired, isUnreachable, KubeError } from './error.ts';

/**
 * `before`: what was remembered of the object until now. `remembered` of what is deleted is the last that was known;
 * `goneAt`: the resource version at which it is known not to be there any more.
 */
export type Change<T> =
  | {
      readonly type: 'added' | 'modified';
      readonly at: ObjectAt;
      readonly remembered: T;
      readonly before: T | undefined;
      readonly object: KubeObject;
    }
  | { readonly type: 'deleted'; readonly at: ObjectAt; readonly remembered: T; readonly goneAt: string };

/** All there is at a resource version. */
export interface Listed {
  readonly resourceVersion: string;
  /** By `namespace/name`. */
  readonly has: (key: string) => boolean;
}

/** Called in order. What it throws is a fault of the caller, and ends the following. */
export interface Sink<T> {
  changed(change: Change<T>): void;
  /** A list is in: after the first one, and after each that had to follow. */
  synced(list: Listed): void;
}

export interface FollowOptions<T> {
  /** Where it has pages, no list is held as a whole. */
  readonly reader: Pick<KubeReader, 'list' | 'watch'> & Partial<KubePager>;
  readonly resource: Resource;
  readonly selection: Selection;
  /** What to remember of an object: memory grows by this and its name. */
  readonly project: (object: KubeObject) => T;
  readonly sink: Sink<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Held<T> {
  readonly at: ObjectAt;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly remembered: T;
}

/** What is known of the objects, and whom changes of it are told to. */
class Known<T> {
  readonly #held = new Map<string, Held<T>>();
  readonly #listed = new Set<string>();
  readonly #project: (object: KubeObject) => T;
  readonly #sink: Sink<T>;

  constructor({ project, sink }: FollowOptions<T>) {
    this.#project = project;
    this.#sink = sink;
  }

  take({ type, object }: WatchEvent): void {
    if (type === 'deleted') this.#drop(keyOf(object), object.metadata.resourceVersion);
    else if (type !== 'bookmark') this.#put(object);
  }

  /** A page of all there is. */
  add({ first, items }: ObjectPage): void {
    if (first) this.#listed.clear();
    for (const object of items) {
      this.#listed.add(keyOf(object));
      this.#put(object);
    }
  }

  /** All pages are in: what was on none of them is gone. */
  complete(resourceVersion: string): void {
    for (const key of this.#held.keys()) if (!this.#listed.has(key)) this.#drop(key, resourceVersion);
    this.#sink.synced({ resourceVersion, has: key => this.#listed.has(key) });
    this.#listed.clear();
  }

  #put(object: KubeObject): void {
    const { uid, resourceVersion, name, namespace } = object.metadata;
    const key = keyOf(object);
    // Another object of the same name: the one that was known is gone, though nobody said so.
    if (this.#held.has(key) && this.#held.get(key)?.uid !== uid) this.#drop(key, resourceVersion);
    const old = this.#held.get(key);
    if (old !== undefined && resourceVersion !== undefined && old.resourceVersion === resourceVersion) return;
    const at = { namespace, name };
    const remembered = this.#project(object);
    this.#held.set(key, { at, uid, resourceVersion, remembered });
    const type = old === undefined ? 'added' : 'modified';
    this.#sink.changed({ type, at, remembered, before: old?.remembered, object });
  }

  #drop(key: string, goneAt = ''): void {
    const old = this.#held.get(key);
    if (old === undefined) return;
    this.#held.delete(key);
    this.#sink.changed({ type: 'deleted', at: old.at, remembered: old.remembered, goneAt });
  }
}

const onePage = async function* (list: Promise<ObjectList>): AsyncGenerator<ObjectPage> {
  yield { first: true, ...(await list) };
};

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** What to do about a reason that does not go away by itself. */
const todos: ReadonlyMap<string, string> = new Map([
  ['NotFound', 'the cluster does not know this kind: install its definition'],
  ['Forbidden', 'give this right to the user or ServiceAccount'],
  ['Unauthorized', 'the credentials are wrong or have ended: log in to the cluster anew'],
  ['Unreachable', 'look at its address, the network and whether it runs'],
]);

/** Failures in a row, told once per kind. */
class Troubles {
  readonly #log: Log;
  #last: string | undefined;
  count = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  add(error: KubeError | undefined): void {
    this.count += 1;
    if (error === undefined || error.reason === this.#last || isExpired(error)) return;
    this.#last = error.reason;
    const todo = todos.get(error.reason);
    this.#log.write('warn', 'the Kubernetes API cannot be followed; trying again', {
      reason: error.message,
      ...(todo === undefined ? {} : { todo }),
    });
  }

  over(): void {
    this.count = 0;
    if (this.#last === undefined) return;
    this.#last = undefined;
    this.#log.write('info', 'the Kubernetes API is followed again');
  }
}

class Following<T> {
  readonly #options: FollowOptions<T>;
  readonly #known: Known<T>;
  readonly #troubles: Troubles;
  #version: string | undefined;

  constructor(options: FollowOptions<T>) {
    this.#options = options;
    this.#known = new Known(options);
    this.#troubles = new Troubles(options.log.with({ resource: options.resource.plural }));
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const error = await this.#round(signal);
      if (signal.aborted) return;
      const waitMs = this.#after(error);
      if (waitMs > 0) await pause(this.#options.clock, waitMs, signal);
    }
  }

  /** Lists where that is needed, then watches until it ends; what failed is the answer. */
  async #round(signal: AbortSignal): Promise<KubeError | undefined> {
    const { clock } = this.#options;
    try {
      await this.#list(signal);
      const startedMs = clock.monotonic();
      if (!signal.aborted) await this.#watch(signal);
      if (clock.monotonic() - startedMs >= watchSoundMs) this.#troubles.over();
      return undefined;
    } catch (error) {
      if (error instanceof KubeError) return error;
      throw error;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    if (this.#version !== undefined) return;
    const { reader, resource, selection } = this.#options;
    let version = '';
    for await (const page of reader.pages?.(resource, selection) ?? onePage(reader.list(resource, selection))) {
      if (signal.aborted) return;
      this.#known.add(page);
      version = page.resourceVersion;
    }
    this.#known.complete(version);
    this.#version = version;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { reader, resource, selection } = this.#options;
    const from = { ...selection, resourceVersion: this.#version ?? '' };
    for await (const event of reader.watch(resource, from, signal)) {
      if (signal.aborted) return;
      this.#known.take(event);
      this.#version = event.object.metadata.resourceVersion ?? this.#version;
      this.#troubles.over();
    }
  }

  /** How long to wait before the next round, which begins with a list where the version is of no use any more. */
  #after(error: KubeError | undefined): number {
    const { random } = this.#options;
    const troubles = this.#troubles;
    const isFirst = troubles.count === 0;
    troubles.add(error);
    const isUseless = isExpired(error) || (troubles.count % resumesLimit === 0 && !isUnreachable(error));
    if (isUseless) this.#version = undefined;
    // One expiry, or one end, is how watches go on; the second in a row is trouble.
    if (isFirst && (error === undefined || isExpired(error))) return 0;
    if (error?.retryAfterSeconds !== undefined) return askedMs(error.retryAfterSeconds, random);
    return backOffMs({ firstMs: followFirstDelayMs, limitMs: followDelayLimitMs }, troubles.count - 1, random);
  }
}

/** Resolves once the signal is aborted; rejects only with what the sink or the projection throws. */
export const follow = <T>(options: FollowOptions<T>, signal: AbortSignal): Promise<void> =>
  new Following(options).run(signal);
