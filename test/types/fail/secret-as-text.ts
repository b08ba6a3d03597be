// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { write } = rowsFor<unknown>();

/** A secret is revealed on purpose or not at all. */
export const row = write(
  'role',
  { summary: 'Write', in: { token: t.secret('Token', { required: true }) } },
  (_, { token }) => {
    const text: string = token;
    return { text };
  },
);
