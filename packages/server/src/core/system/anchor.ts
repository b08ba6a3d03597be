/** Rows of `sys/anchor`: whether the store is as new as its anchor says, and accepting that it is not. */
import { t } from '@coffer/schema/fields/t.ts';
import { read, write } from './context.ts';

const root = { access: 'sudo', rootNamespaceOnly: true, whileDoubted: true } as const;

const noLedger = { records: 0, refused: 0, missing: 0, walks: 0 };

export const anchorRows = [
  read(
    'anchor',
    {
      ...root,
      summary: 'Show whether the store and its records are as new as they were',
      out: {
        place: t.string('Where the anchor is; empty where the configuration names none'),
        marks: t.integer('Marks that the store has had'),
        doubt: t.string('Why the store serves nothing; empty where it does'),
        stuck: t.boolean('The anchor could not be written the last time'),
        records: t.integer('Records in the ledger; 0 where there is none, as several servers write to the store'),
        refused: t.integer(
          'Records that are not the ones written last, as far as anybody has looked; at most a thousand',
        ),
        missing: t.integer('Records that are gone though nobody removed them, as the last walk through all has found'),
        walks: t.integer('Walks through all records that have come to their end since the store was opened'),
      },
    },
    ({ core }) => {
      const { place, sequence, doubt, isStuck, ledger = noLedger } = core.anchor.status;
      return { place: place ?? '', marks: sequence, doubt: doubt ?? '', stuck: isStuck, ...ledger };
    },
  ),
  write(
    'anchor/accept',
    {
      ...root,
      summary: 'Accept a store, or records of it, that are not as new as they were',
      description:
        'It serves again, as it is, and the anchor counts on from there. What is missing stays missing: tokens and secrets that were revoked or replaced since may be valid again.',
      in: { code: t.secret('What the log of the server told as `code`', { required: true }) },
    },
    ({ core }, { code }) => core.anchor.accept(code.revealText().trim()),
  ),
];
