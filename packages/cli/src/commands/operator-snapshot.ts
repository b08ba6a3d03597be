/** `operator raft snapshot save`, `restore`, `inspect`; the same without `raft`. */
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';
import type { SnapshotMeta } from '@coffer/schema/snapshot/layout.ts';
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { bool } from '../flags.ts';
import { cell } from '../format/cell.ts';
import { columns } from '../format/table.ts';
import { inspectSnapshot } from '../snapshots.ts';

const path = 'sys/storage/raft/snapshot';

const save = async (cx: Cx): Promise<number> => {
  const file = cx.arg(0);
  const io = await cx.io.loadSnapshots();
  const target = await io.files.open(file);
  try {
    await cx.send({ method: 'GET', path, sink: piece => target.write(piece) });
    await inspectSnapshot(io, file, target.beside);
    await target.keep();
  } catch (error) {
    await target.drop();
    throw error;
  }
  return cx.success(`Saved the snapshot to ${file}; it is opened by the unseal keys of today alone.`);
};

const restore = async (cx: Cx): Promise<number> => {
  const file = cx.arg(0);
  const io = await cx.io.loadSnapshots();
  await inspectSnapshot(io, file);
  await cx.send({
    method: 'POST',
    path: cx.flags.bool('force') ? `${path}-force` : path,
    source: io.files.read(file),
  });
  return cx.success(
    'Restored the snapshot. The server is sealed, unless its seal opens by itself: unseal it with the keys of the snapshot.',
  );
};

const count = (number: number): JsonNumber => new JsonNumber(String(number));

const rowsOf = (meta: SnapshotMeta): readonly (readonly [string, Json])[] => [
  ['Store ID', meta.store_id],
  ['Revision', count(meta.revision)],
  ['Records', count(meta.records)],
  ['Bytes', count(meta.bytes)],
  ['Key Term', count(meta.term)],
  ['Seal Type', meta.seal_type],
  ['Version', meta.version],
  ['Created', meta.created],
];

const inspect = async (cx: Cx): Promise<number> => {
  const meta = await inspectSnapshot(await cx.io.loadSnapshots(), cx.arg(0));
  const rows = rowsOf(meta);
  const json = new Map(rows.map(([name, value]) => [name.toLowerCase().replaceAll(' ', '_'), value]));
  return cx.result({ json, table: () => columns(rows.map(([name, value]) => [name, cell(value)])), fields: [...json] });
};

const local = ['wrap-ttl'];

const commandsUnder = (words: string): readonly Command[] => [
  command({
    name: `${words} save`,
    args: 'FILE',
    summary: 'Save a snapshot of the whole store into a file',
    details: 'The file is read back and checked before it takes the place of an older one.',
    count: [1, 1],
    idle: local,
    doing: () => 'taking the snapshot',
    run: save,
  }),
  command({
    name: `${words} restore`,
    args: 'FILE',
    summary: 'Put a snapshot in the place of the whole store, and seal it',
    details:
      'Everything that was stored after the snapshot is lost. The server checks all of it before it replaces anything.',
    flags: {
      force: bool('Also a snapshot of another store, or of before the unseal keys were replaced'),
    },
    count: [1, 1],
    idle: local,
    doing: () => 'restoring the snapshot',
    run: restore,
  }),
  command({
    name: `${words} inspect`,
    args: 'FILE',
    summary: 'Show what a snapshot is of, and whether it is whole',
    details: 'No server is asked. That nobody changed it is known only to the keys of its store, when it is restored.',
    count: [1, 1],
    idle: local,
    doing: () => 'inspecting the snapshot',
    run: inspect,
  }),
];

export const operatorSnapshotCommands: readonly Command[] = [
  ...commandsUnder('operator raft snapshot'),
  ...commandsUnder('operator snapshot'),
];
