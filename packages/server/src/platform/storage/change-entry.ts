/** What a change log keeps of a commit: `u32 writes, key…, u32 events, event…`, as `sqlite/batch.ts` lays it down. */
import type { Change, ChangeEvent, Commit } from '../../contracts/storage.ts';
import type { Cursor } from './cursor.ts';

const readEvents = (cursor: Cursor): ChangeEvent[] => {
  const found: ChangeEvent[] = [];
  for (let left = cursor.u32(); left > 0; left--) {
    const type = cursor.text();
    found.push({ type, payload: new Uint8Array(cursor.bytes(cursor.u32())) });
  }
  return found;
};

export const readChange = (cursor: Cursor, revision: number): Change => {
  const keys: string[] = [];
  for (let left = cursor.u32(); left > 0; left--) keys.push(cursor.text());
  return { revision, keys, events: readEvents(cursor) };
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const textOf = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafe(2 + Buffer.byteLength(text));
  bytes.writeUInt16LE(bytes.write(text, 2), 0);
  return bytes;
};

/** The same for a commit by itself. */
export const packChange = ({ writes, events = [] }: Pick<Commit, 'writes' | 'events'>): Buffer => {
  const pieces: Uint8Array[] = [u32(writes.length)];
  for (const { key } of writes) pieces.push(textOf(key));
  pieces.push(u32(events.length));
  for (const { type, payload } of events) pieces.push(textOf(type), u32(payload.length), payload);
  return Buffer.concat(pieces);
};
