/**
 * From a change of the storage to the events it tells of: decrypted, read, and placed in the mount whose records were
 * changed. Paths are those of the mount as it stands now; what was told of a mount that is gone is told to nobody, since
 * nobody could be asked whether they may hear it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import type { Log } from '../../contracts/log.ts';
import { type Change, type ChangeEvent, untoldType } from '../../contracts/storage.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { markOf } from '../barrier/record.ts';
import { reasonOf } from '../barrier/trouble.ts';
import type { Mount } from '../mounts/mount.ts';
import type { MountTable } from '../mounts/table.ts';
import type { EventFacts } from './event-facts.ts';
import { ToldEvent } from './told-event.ts';

export type MountsNow = Pick<MountTable, 'byId' | 'resolve'>;

export interface ToldChange {
  readonly revision: number;
  readonly events: readonly OpenedEvent[];
  /** Something was told here that cannot be read any more: who follows must list again. */
  readonly isGap: boolean;
  /** In memory, by estimate. */
  readonly bytes: number;
}

export interface OpenParts {
  readonly barrier: Pick<Barrier, 'openEvent' | 'storeId'>;
  readonly log: Log;
}

/** Of an event in memory beside its stored bytes, by estimate: objects, and its forms once they are made. */
const overheadBytes = 2_048;
/** Members of the stored text that are paths below the mount. */
const pathMembers: ReadonlySet<string> = new Set(['path', 'data_path']);

const uuidText = (bytes: Uint8Array): string =>
  bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The id of the mount in `<format>/<namespace id>/<mount id>/…`. */
const mountIdOf = (key: string): string => key.split('/', 3)[2] ?? '';

/** Stays the same however often the event is told: of the write's own random id, in the form of a UUID (RFC 9562 §5.8). */
const idOf = ({ payload }: ChangeEvent, index: number): string => {
  const id = markOf(payload).writeId.slice();
  const view = new DataView(id.buffer);
  view.setUint16(14, view.getUint16(14) ^ index);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(id);
};

type Unplaced = Omit<EventFacts, 'mount'>;

/** An event as it was stored: its paths are below its mount. */
export class OpenedEvent {
  readonly #mountId: string;
  readonly #facts: Unplaced;
  #placed: ToldEvent | undefined;

  constructor(mountId: string, facts: Unplaced) {
    this.#mountId = mountId;
    this.#facts = facts;
  }

  get type(): string {
    return this.#facts.type;
  }

  /** As it is to be told now; undefined where its mount serves no more. */
  placed(mounts: MountsNow): ToldEvent | undefined {
    const known = this.#placed;
    if (known !== undefined && isServing(mounts, known.facts.mount)) return known;
    const mount = mounts.byId(this.#mountId);
    this.#placed = mount === undefined || !isServing(mounts, mount) ? undefined : new ToldEvent(this.#in(mount));
    return this.#placed;
  }

  #in(mount: Mount): EventFacts {
    const metadata = [...this.#facts.metadata].map(([name, text]): [string, string] => [
      name,
      pathMembers.has(name) ? mount.prefix + text : text,
    ]);
    return { ...this.#facts, metadata: new Map(metadata), mount };
  }
}

const isServing = (mounts: MountsNow, mount: EventFacts['mount']): boolean =>
  mount !== undefined && mounts.resolve(mount.prefix) === mount;

/** The stored text of an event: an object of texts, and the time in milliseconds as `at`. */
const contentOf = (plain: Uint8Array): Pick<EventFacts, 'timeMs' | 'metadata'> => {
  const metadata = new Map<string, string>();
  let timeMs = 0;
  for (const [name, raw] of scanJson(plain).members()) {
    const value = raw.value();
    if (name === 'at' && value instanceof JsonNumber) timeMs = Number(value.source);
    else if (typeof value === 'string') metadata.set(name, value);
  }
  return { timeMs, metadata };
};

/** Throws only where the store is sealed or broken. */
export const openChange = async (change: Change, { barrier, log }: OpenParts): Promise<ToldChange> => {
  const { revision, keys } = change;
  const events = change.events.filter(({ type }) => type !== untoldType);
  const mountId = mountIdOf(keys[0] ?? '');
  const opened: OpenedEvent[] = [];
  let [isGap, bytes] = [false, 0];
  for (const [index, event] of events.entries()) {
    try {
      const content = contentOf(await barrier.openEvent(change, index));
      const resumeAt = index === events.length - 1 ? revision : revision - 1;
      const source = `urn:coffer:${uuidText(barrier.storeId)}`;
      opened.push(
        new OpenedEvent(mountId, { ...content, id: idOf(event, index), type: event.type, revision, resumeAt, source }),
      );
      bytes += event.payload.length + overheadBytes;
    } catch (error) {
      if (!(error instanceof CofferError) || error.code === 'sealed' || error.code === 'storage_failed') throw error;
      log.write('error', 'an event cannot be read', { revision, error: reasonOf(error) });
      isGap = true;
    }
  }
  return { revision, events: opened, isGap, bytes };
};
