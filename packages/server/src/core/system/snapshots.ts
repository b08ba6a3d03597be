/** Rows of snapshots, under the paths that clients know from stores on raft. */
import { Reply } from '@coffer/schema/row.ts';
import { read, type SystemCx, write } from './context.ts';

/** Of a snapshot that is restored, packed: what the disk takes is the bound that is met first. */
export const snapshotBytesLimit = 1_099_511_627_776;

const restoring = {
  body: 'stream',
  access: 'sudo',
  rootNamespaceOnly: true,
  bodyLimitBytes: snapshotBytesLimit,
} as const;

/** Sealed only after the answer is on record: the audit devices close with the store. */
const restore = async ({ core, exchange }: SystemCx, force: boolean): Promise<void> => {
  await core.snapshots.restore(exchange.wire.pieces(snapshotBytesLimit), force);
  exchange.afterwards.push(() => core.snapshots.finish());
};

export const snapshotRows = [
  read(
    'storage/raft/snapshot',
    {
      summary: 'Make a snapshot of the whole store',
      description:
        'A gzipped tar archive with all records of one revision as they lie in the store, in ciphertext. It is opened only by the unseal keys, or the seal, of when it was made.',
      answer: 'stream',
      rootNamespaceOnly: true,
    },
    async ({ core }) =>
      new Reply(undefined, { stream: { contentType: 'application/gzip', pieces: await core.snapshots.save() } }),
  ),
  write(
    'storage/raft/snapshot',
    {
      ...restoring,
      summary: 'Put a snapshot of this store in its place, and seal it',
      description:
        'The body is the snapshot. It is verified as a whole before anything is replaced: it must be of this store, unchanged, and be opened by the unseal keys of today.',
    },
    cx => restore(cx, false),
  ),
  write(
    'storage/raft/snapshot-force',
    {
      ...restoring,
      summary: 'Put a snapshot of any store in the place of this one, and seal it',
      description:
        'As `storage/raft/snapshot`, also for snapshots of another store and of before the unseal keys were replaced: it is then opened by the keys of that store and time, which prove at the first unsealing that it was not changed.',
    },
    cx => restore(cx, true),
  ),
];
