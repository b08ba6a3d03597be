/**
 * Takes a token and everything below it away. The record goes first, in one commit with a note of what is still to do;
 * from then on the whole tree is dead (`store.ts`). The notes are worked off in bounded steps, and again after a crash.
 */
import type { MountStorage } from '../../contracts/engine.ts';
import type { Write } from '../../contracts/storage.ts';
import { expired, spent } from './token.ts';
import { childKey, expiryBucket, expiryKey, tokenRecords } from './store.ts';

const childPrefix = 'token/child/';
const expiryPrefix = 'token/expiry/';
/** One note for each token whose children and belongings are still to be cleared. */
const notePrefix = 'token/revoking/';
const stepSize = 200;
const marker = new Uint8Array(1);

export interface RevocationParts {
  readonly storage: MountStorage;
  /** Clears what a token owned: its cubbyhole. Idempotent. */
  readonly clearBelongings: (accessor: string) => Promise<void>;
}

export class Revocation {
  readonly #parts: RevocationParts;

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** Revokes the token and its tree. Answers whether there was one. */
  async revoke(accessor: string): Promise<boolean> {
    const removed = await this.#removeRecord(accessor);
    if (removed) await this.#clear(accessor);
    return removed;
  }

  /** Works off what a crash has left. */
  async resume(): Promise<void> {
    for (;;) {
      const notes = await this.#parts.storage.range(notePrefix, { limit: stepSize, values: false });
      if (notes.length === 0) return;
      for (const note of notes) await this.#clear(note.key.slice(notePrefix.length));
    }
  }

  /** Revokes tokens whose time is over, at most one step; answers how many index entries it worked off. */
  async expire(nowSeconds: number): Promise<number> {
    const { storage } = this.#parts;
    const due = await storage.range(expiryPrefix, { limit: stepSize, values: false });
    const bound = expiryPrefix + expiryBucket(nowSeconds);
    let done = 0;
    for (const { key } of due) {
      if (key >= bound) break;
      const accessor = key.slice(key.lastIndexOf('/') + 1);
      const token = (await this.#tokens().get(accessor))?.record;
      if (token !== undefined && expired(token, nowSeconds)) await this.revoke(accessor);
      else await storage.commit({ writes: [{ key, value: undefined }] });
      done++;
    }
    return done;
  }

  /** Takes the token away and lets its children live on as orphans. */
  async revokeAlone(accessor: string): Promise<void> {
    const tokens = this.#tokens();
    const entry = await tokens.get(accessor);
    if (entry === undefined) return;
    // From here on it can make no more children.
    await this.#parts.storage.commit({ writes: [tokens.put(accessor, { ...entry.record, usesLeft: spent })] });
    for (;;) {
      const children = await this.#children(accessor);
      if (children.length === 0) break;
      for (const child of children) await this.#setFree(accessor, child);
    }
    await this.revoke(accessor);
  }

  #tokens() {
    return tokenRecords(this.#parts.storage);
  }

  async #removeRecord(accessor: string): Promise<boolean> {
    const tokens = this.#tokens();
    const entry = await tokens.get(accessor);
    if (entry === undefined) return false;
    const gone = [expiryKey(entry.record), childKey(entry.record)].filter(key => key !== undefined);
    await this.#parts.storage.commit({
      writes: [
        tokens.remove(accessor),
        ...gone.map((key): Write => ({ key, value: undefined })),
        { key: notePrefix + accessor, value: marker },
      ],
    });
    return true;
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
      waiting.push(accessor);
      for (const child of children) {
        const removed = await this.#removeRecord(child);
        if (removed) waiting.push(child);
        else await this.#dropChildKey(accessor, child);
      }
    }
  }

  async #children(accessor: string): Promise<readonly string[]> {
    const prefix = `${childPrefix}${accessor}/`;
    const found = await this.#parts.storage.range(prefix, { limit: stepSize, values: false });
    return found.map(({ key }) => key.slice(prefix.length));
  }

  async #dropChildKey(parent: string, child: string): Promise<void> {
    await this.#parts.storage.commit({ writes: [{ key: `${childPrefix}${parent}/${child}`, value: undefined }] });
  }

  async #setFree(parent: string, child: string): Promise<void> {
    const tokens = this.#tokens();
    const entry = await tokens.get(child);
    const key = `${childPrefix}${parent}/${child}`;
    const freed = entry === undefined ? [] : [tokens.put(child, { ...entry.record, parent: '' })];
    await this.#parts.storage.commit({
      checks: entry === undefined ? [] : [tokens.check(child, entry.revision)],
      writes: [...freed, { key, value: undefined }],
    });
  }
}
