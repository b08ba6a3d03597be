/**
 * Takes a token and everything below it away. The record goes first, in one commit with a note of what is still to do;
 * from then on the whole tree is dead (`store.ts`). The notes are worked off in bounded steps, and again after a crash.
 */
import type { MountStorage } from '../../contracts/engine.ts';
import type { Tally } from '../metrics/tally.ts';
import type { Log } from '../../contracts/log.ts';
import type { Write } from '../../contracts/storage.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { isClosed, reasonOf } from '../barrier/trouble.ts';
import { expired, spent, type Token } from './token.ts';
import { expiryBucket, indexKeys, loginPathPrefix, marker, mountLoginsPrefix, tokenRecords } from './store.ts';

const childPrefix = 'token/child/';
const expiryPrefix = 'token/expiry/';
/** One note for each token whose children and belongings are still to be cleared. */
const notePrefix = 'token/revoking/';
const stepSize = 200;
/** A token whose children are still to be set free. */
const freeingPrefix = 'token/freeing/';
/** A change of one record loses this many races before it gives up. */
const attemptsLimit = 32;
/** Entries whose trouble the log was told; each once. */
const toldLimit = 1000;

/** At the end of an index key or of the id of a login. */
const accessorIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace(/^h(?=.{24}$)/, '');

export interface RevocationParts {
  readonly storage: MountStorage;
  readonly log: Log;
  readonly tally: Tally;
  /** Clears what a token owned: its cubbyhole; and ends its leases. Idempotent. */
  readonly clearBelongings: (accessor: string) => Promise<void>;
}

export class Revocation {
  readonly #parts: RevocationParts;
  readonly #told = new Set<string>();

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** Revokes the token and its tree. Answers whether there was one. */
  revoke(accessor: string): Promise<boolean> {
    return this.#revokeIf(accessor, undefined);
  }

  /** `isMeant` is asked of the token as it is when it goes: where it is changed in between, as renewed, it stays. */
  async #revokeIf(accessor: string, isMeant: ((token: Token) => boolean) | undefined): Promise<boolean> {
    const removed = await this.#removeRecord(accessor, isMeant);
    if (removed) {
      this.#parts.tally.add('token revoked');
      await this.#clear(accessor);
    }
    return removed;
  }

  /** Revokes all that logged in at a mount. Answers how many there were. */
  revokeMount(mountId: string): Promise<number> {
    return this.#revokeIndexed(mountLoginsPrefix(mountId));
  }

  /** Revokes all that logged in at a path below `folder`, which ends in a slash. Answers how many there were. */
  revokeLogins(folder: string): Promise<number> {
    return this.#revokeIndexed(loginPathPrefix + folder);
  }

  /** Where it is cut off, asking again goes on. */
  async #revokeIndexed(prefix: string): Promise<number> {
    for (let count = 0; ; ) {
      const found = await this.#parts.storage.range(prefix, { limit: stepSize, values: false });
      if (found.length === 0) return count;
      for (const { key } of found) {
        if (await this.revoke(accessorIn(key))) count++;
        else await this.#parts.storage.commit({ writes: [{ key, value: undefined }] });
      }
    }
  }

  /** Works off what a crash has left. What cannot be read is passed over. */
  async resume(): Promise<void> {
    await this.#each(freeingPrefix, accessor => this.#free(accessor));
    await this.#each(notePrefix, accessor => this.#clear(accessor));
  }

  async #each(prefix: string, work: (accessor: string) => Promise<void>): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const from = after === undefined ? {} : { after };
      const notes = await this.#parts.storage.range(prefix, { ...from, limit: stepSize, values: false });
      for (const { key } of notes) await this.#past(key, () => work(key.slice(prefix.length)));
      after = notes.at(-1)?.key;
      if (after === undefined) return;
    }
  }

  /** One bad record must not hold up the others. */
  async #past(key: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isClosed(error)) throw error;
      if (this.#told.has(key) || this.#told.size >= toldLimit) return;
      this.#told.add(key);
      this.#parts.log.write('warn', 'a token could not be cleared', { key, error: reasonOf(error) });
    }
  }

  /**
   * Revokes tokens whose time is over, at most one step behind index key `after`; answers the last index entry it came
   * to, or undefined where no more are due.
   */
  async expireStep(nowSeconds: number, after?: string): Promise<string | undefined> {
    const from = after === undefined ? {} : { after };
    const found = await this.#parts.storage.range(expiryPrefix, { ...from, limit: stepSize, values: false });
    const bound = expiryPrefix + expiryBucket(nowSeconds);
    const due = found.filter(({ key }) => key < bound);
    for (const { key } of due) await this.#past(key, () => this.#expireOne(key, nowSeconds));
    return due.at(-1)?.key;
  }

  /** Revokes all tokens whose time is over; entries that cannot be worked off are passed over until the next time. */
  async expire(nowSeconds: number): Promise<void> {
    let at = await this.expireStep(nowSeconds);
    while (at !== undefined) at = await this.expireStep(nowSeconds, at);
  }

  async #expireOne(key: string, nowSeconds: number): Promise<void> {
    const accessor = key.slice(key.lastIndexOf('/') + 1);
    const token = (await this.#tokens().get(accessor))?.record;
    if (token !== undefined && expired(token, nowSeconds))
      await this.#revokeIf(accessor, one => expired(one, nowSeconds));
    else await this.#parts.storage.commit({ writes: [{ key, value: undefined }] });
  }

  /** Takes the token away and lets its children live on as orphans. Written down first, so that a crash ends it too. */
  async revokeAlone(accessor: string): Promise<void> {
    const tokens = this.#tokens();
    for (let attempt = 0; attempt < attemptsLimit; attempt++) {
      const entry = await tokens.get(accessor);
      if (entry === undefined) return;
      // From here on it can make no more children.
      const { ok } = await this.#parts.storage.commit({
        checks: [tokens.check(accessor, entry.revision)],
        writes: [
          tokens.put(accessor, { ...entry.record, usesLeft: spent }),
          { key: freeingPrefix + accessor, value: marker },
        ],
      });
      if (!ok) continue;
      await this.#free(accessor);
      return;
    }
    throw new CofferError('conflict', 'the token is changed by too many requests at once');
  }

  async #free(accessor: string): Promise<void> {
    for (;;) {
      const children = await this.#children(accessor);
      if (children.length === 0) break;
      for (const child of children) await this.#setFree(accessor, child);
    }
    await this.revoke(accessor);
    await this.#parts.storage.commit({ writes: [{ key: freeingPrefix + accessor, value: undefined }] });
  }

  #tokens() {
    return tokenRecords(this.#parts.storage);
  }

  async #removeRecord(accessor: string, isMeant: ((token: Token) => boolean) | undefined): Promise<boolean> {
    const tokens = this.#tokens();
    const entry = await tokens.get(accessor);
    if (entry === undefined || isMeant?.(entry.record) === false) return false;
    const { ok } = await this.#parts.storage.commit({
      checks: isMeant === undefined ? [] : [tokens.check(accessor, entry.revision)],
      writes: [
        tokens.remove(accessor),
        ...indexKeys(entry.record).map((key): Write => ({ key, value: undefined })),
        { key: notePrefix + accessor, value: marker },
      ],
    });
    return ok;
  }

  /** Children first become notes of their own, so the work that is left is always written down. */
  async #clear(root: string): Promise<void> {
    const waiting = [root];
    for (let accessor = waiting.pop(); accessor !== undefined; accessor = waiting.pop()) {
      const children = await this.#children(accessor);
      if (children.length === 0) {
        await this.#parts.clearBelongings(accessor);
        await this.#parts.storage.commit({ writes: [{ key: notePrefix + accessor, value: undefined }] });
        continue;
      }
      waiting.push(accessor, ...children);
      await this.#removeChildren(accessor, children);
    }
  }

  /** One commit for all: each that was there becomes a note, and its place under the parent goes. */
  async #removeChildren(parent: string, children: readonly string[]): Promise<void> {
    const writes: Write[] = [];
    for (const child of children) {
      const token = (await this.#tokens().get(child))?.record;
      const gone = new Set([`${childPrefix}${parent}/${child}`, ...(token === undefined ? [] : indexKeys(token))]);
      for (const key of gone) writes.push({ key, value: undefined });
      if (token === undefined) continue;
      writes.push(this.#tokens().remove(child), { key: notePrefix + child, value: marker });
    }
    await this.#parts.storage.commit({ writes });
  }

  async #children(accessor: string): Promise<readonly string[]> {
    const prefix = `${childPrefix}${accessor}/`;
    const found = await this.#parts.storage.range(prefix, { limit: stepSize, values: false });
    return found.map(({ key }) => key.slice(prefix.length));
  }

  async #setFree(parent: string, child: string): Promise<void> {
    const tokens = this.#tokens();
    const entry = await tokens.get(child);
    const key = `${childPrefix}${parent}/${child}`;
    const freed = entry === undefined ? [] : [tokens.put(child, { ...entry.record, parent: '', generation: 0 })];
    await this.#parts.storage.commit({
      checks: entry === undefined ? [] : [tokens.check(child, entry.revision)],
      writes: [...freed, { key, value: undefined }],
    });
  }
}
