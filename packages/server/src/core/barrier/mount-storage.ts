/** The handle an engine gets: the records of one mount and no others. Keys are only ever appended to the mount's prefix. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Entry, EntryWrite, KeyRange, MountCommit, MountStorage } from '../../contracts/engine.ts';
import type { Check, CommitResult, RangeOptions } from '../../contracts/storage.ts';
import { keyBytesLimit } from '../../contracts/storage.ts';
import { layoutPrefix } from './layout.ts';
import type { Found, Records } from './records.ts';

const utf8 = new TextEncoder();
const idPattern = /^(?:-|[A-Za-z0-9][A-Za-z0-9_-]{0,63})$/;

/** `1/<namespace id>/<mount id>/`; `-` stands for none. */
export const mountPrefix = (namespaceId: string, mountId: string): string => {
  for (const id of [namespaceId, mountId]) if (!idPattern.test(id)) throw new TypeError(`no id of a mount: "${id}"`);
  return `${layoutPrefix}${namespaceId}/${mountId}/`;
};

class BoundStorage implements MountStorage {
  readonly #records: Records;
  readonly #prefix: string;
  /** Many requests in a row ask for one record, such as their token's: its key is put together once. */
  #recent = { key: '', whole: '' };

  constructor(records: Records, prefix: string) {
    this.#records = records;
    this.#prefix = prefix;
  }

  get(key: string, beside?: Entry): Found {
    return this.#records.get(this.#whole(key), beside);
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<readonly KeyRange[]> {
    const { after = '' } = options;
    const found = await this.#records.range(this.#prefix + prefix, { ...options, after: this.#prefix + after });
    return found.map(item => ({ ...item, key: item.key.slice(this.#prefix.length) }));
  }

  commit({ checks = [], writes, events = [] }: MountCommit): Promise<CommitResult> {
    try {
      const committed = this.#records.commit({
        checks: checks.map(({ key, expect }): Check => ({ key: this.#whole(key), expect })),
        writes: writes.map(({ key, value, memo }): EntryWrite => ({ key: this.#whole(key), value, memo })),
        events,
      });
      return committed.then(result => (result.ok ? result : this.#refused(result.failed)));
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  #refused({ key, expect }: Check): CommitResult {
    return { ok: false, failed: { key: key.slice(this.#prefix.length), expect } };
  }

  #whole(key: string): string {
    if (key !== '' && key === this.#recent.key) return this.#recent.whole;
    const whole = this.#checked(key);
    this.#recent = { key, whole };
    return whole;
  }

  #checked(key: string): string {
    const whole = this.#prefix + key;
    if (key === '' || !key.isWellFormed()) throw new CofferError('invalid_request', 'path is empty or malformed');
    if (whole.length * 3 > keyBytesLimit && utf8.encode(whole).length > keyBytesLimit) {
      throw new CofferError('invalid_request', 'path too long');
    }
    return whole;
  }
}

export const mountStorage = (records: Records, prefix: string): MountStorage => new BoundStorage(records, prefix);
