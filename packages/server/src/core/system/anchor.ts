/** Rows of `sys/anchor`: whether the store is as new as its anchor says, and accepting that it is not. */
import { t } from '@coffer/schema/fields/t.ts';
import { read, write } from './context.ts';

const root = { access: 'sudo', rootNamespaceOnly: true, whileDoubted: true } as const;

export const anchorRows = [
  read(
    'anchor',
    {
      ...root,
      summary: 'Show whether the store is as new as its anchor says',
      out: {
        place: t.string('Where the anchor is; empty where the configuration names none'),
        marks: t.integer('Marks that the store has had'),
        doubt: t.string('Why the store serves nothing; empty where it does'),
        stuck: t.boolean('The anchor could not be written the last time'),
      },
    },
    ({ core }) => {
      const { place, sequence, doubt, isStuck } = core.anchor.status;
      return { place: place ?? '', marks: sequence, doubt: doubt ?? '', stuck: isStuck };
    },
  ),
  write(
    'anchor/accept',
    {
      ...root,
      summary: 'Accept a store that is not as its anchor says',
      description:
        'It serves again, as it is, and the anchor counts on from there. What is missing stays missing: tokens and secrets that were revoked or replaced since may be valid again.',
      in: { code: t.secret('What the log of the server told as `code`', { required: true }) },
    },
    ({ core }, { code }) => core.anchor.accept(code.revealText().trim()),
  ),
];
