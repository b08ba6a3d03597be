/** Key/value secrets with versions in the most obvious way, to be compared with: plain values, no records, no commits. */

type Data = { readonly [name: string]: unknown };

interface Version {
  readonly data: Data;
  readonly createdMs: number;
  deletionMs: number;
  destroyed: boolean;
}

interface Key {
  readonly versions: Map<number, Version>;
  readonly createdMs: number;
  updatedMs: number;
  current: number;
  oldest: number;
  max: number;
  afterSeconds: number;
  metadataVersion: number;
}

export interface SlowAnswer {
  readonly status: number;
  readonly data: unknown;
}

const absent: SlowAnswer = { status: 404, data: undefined };
const done: SlowAnswer = { status: 204, data: undefined };
const refused: SlowAnswer = { status: 400, data: undefined };
const moment = (ms: number): string => (ms === 0 ? '' : new Date(ms).toISOString());

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null;
const merge = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const result: { [name: string]: unknown } = isObject(target) ? { ...target } : {};
  for (const name of Object.keys(patch)) {
    if (patch[name] === null) delete result[name];
    else result[name] = merge(result[name], patch[name]);
  }
  return result;
};

export class SlowKv {
  readonly #now: () => number;
  readonly #keys = new Map<string, Key>();
  #max = 0;
  #afterSeconds = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  #made(path: string): Key {
    const there = this.#keys.get(path);
    if (there !== undefined) return there;
    const nowMs = this.#now();
    const key: Key = {
      versions: new Map(),
      createdMs: nowMs,
      updatedMs: nowMs,
      current: 0,
      oldest: 0,
      max: 0,
      afterSeconds: 0,
      metadataVersion: 0,
    };
    this.#keys.set(path, key);
    return key;
  }

  #about(number: number, version: Version): Data {
    return {
      created_time: moment(version.createdMs),
      custom_metadata: null,
      deletion_time: moment(version.deletionMs),
      destroyed: version.destroyed,
      version: number,
    };
  }

  #gone({ destroyed, deletionMs }: Version): boolean {
    return destroyed || (deletionMs !== 0 && deletionMs <= this.#now());
  }

  write(path: string, data: Data, cas: number | undefined): SlowAnswer {
    if (cas !== undefined && cas !== (this.#keys.get(path)?.current ?? 0)) return refused;
    const key = this.#made(path);
    const nowMs = this.#now();
    const spans = [key.afterSeconds, this.#afterSeconds].filter(span => span > 0);
    const deletionMs = spans.length === 0 ? 0 : nowMs + Math.min(...spans) * 1000;
    const version: Version = { data, createdMs: nowMs, deletionMs, destroyed: false };
    key.current += 1;
    key.updatedMs = nowMs;
    key.versions.set(key.current, version);
    const kept = key.max || this.#max || 10;
    for (const number of key.versions.keys()) if (number <= key.current - kept) key.versions.delete(number);
    if (key.current - kept >= key.oldest) key.oldest = key.current - kept + 1;
    return { status: 200, data: this.#about(key.current, version) };
  }

  patch(path: string, patch: Data, cas: number | undefined): SlowAnswer {
    const key = this.#keys.get(path);
    const version = key?.versions.get(key.current);
    if (key === undefined || version === undefined) return absent;
    if (this.#gone(version)) return { status: 404, data: this.#about(key.current, version) };
    if (cas !== undefined && cas !== key.current) return refused;
    return this.write(path, merge(version.data, patch) as Data, undefined);
  }

  mark(kind: 'latest' | 'delete' | 'undelete' | 'destroy', path: string, numbers: readonly number[]): SlowAnswer {
    const key = this.#keys.get(path);
    if (key === undefined) return done;
    const nowMs = this.#now();
    for (const number of kind === 'latest' ? [key.current] : numbers) {
      const version = key.versions.get(number);
      if (version === undefined || version.destroyed) continue;
      if (kind === 'destroy') version.destroyed = true;
      else if (kind === 'undelete') {
        if (version.deletionMs === 0) continue;
        version.deletionMs = 0;
      } else {
        if (this.#gone(version)) continue;
        version.deletionMs = nowMs;
      }
      key.updatedMs = nowMs;
    }
    return done;
  }

  settings(path: string, max: number, afterSeconds: number): SlowAnswer {
    const key = this.#made(path);
    key.max = max;
    key.afterSeconds = afterSeconds;
    key.metadataVersion += 1;
    key.updatedMs = this.#now();
    return done;
  }

  config(max: number, afterSeconds: number): SlowAnswer {
    this.#max = max;
    this.#afterSeconds = afterSeconds;
    return done;
  }

  read(path: string, asked: number): SlowAnswer {
    const key = this.#keys.get(path);
    const number = asked || (key?.current ?? 0);
    const version = key?.versions.get(number);
    if (version === undefined) return absent;
    const gone = this.#gone(version);
    return {
      status: gone ? 404 : 200,
      data: { data: gone ? null : version.data, metadata: this.#about(number, version) },
    };
  }

  metadata(path: string): SlowAnswer {
    const key = this.#keys.get(path);
    if (key === undefined) return absent;
    const versions = [...key.versions].map(([number, { createdMs, deletionMs, destroyed }]) => [
      String(number),
      { created_time: moment(createdMs), deletion_time: moment(deletionMs), destroyed },
    ]);
    return {
      status: 200,
      data: {
        cas_required: false,
        created_time: moment(key.createdMs),
        current_metadata_version: key.metadataVersion,
        current_version: key.current,
        custom_metadata: null,
        delete_version_after: `${key.afterSeconds}s`,
        max_versions: key.max,
        metadata_cas_required: false,
        oldest_version: key.oldest,
        updated_time: moment(key.updatedMs),
        versions: Object.fromEntries(versions) as unknown,
      },
    };
  }

  remove(path: string): SlowAnswer {
    this.#keys.delete(path);
    return done;
  }

  scan(): SlowAnswer {
    const keys = [...this.#keys.keys()].toSorted();
    return keys.length === 0 ? absent : { status: 200, data: { keys } };
  }

  list(): SlowAnswer {
    const names = [...this.#keys.keys()].map(path =>
      path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : path,
    );
    const keys = [...new Set(names)].toSorted();
    return keys.length === 0 ? absent : { status: 200, data: { keys } };
  }

  /** The values that must lie in storage: those of versions that are not destroyed. */
  stored(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [path, { versions }] of this.#keys)
      for (const [number, { destroyed }] of versions) if (!destroyed) found.add(`v/${path}/${number}`);
    return found;
  }
}
