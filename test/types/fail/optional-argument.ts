// TS2322
import { field } from '@coffer/schema/fields/field.ts';
import type { Kind } from '@coffer/schema/fields/kind.ts';
import { rowsFor } from '@coffer/schema/row.ts';

declare const text: Kind<string>;
const { write } = rowsFor<unknown>();

export const row = write(
  'role/:name',
  { summary: 'Write a role', in: { name: field(text, 'Name'), note: field(text, 'Note') } },
  (_, { note }) => {
    const always: string = note;
    return { always };
  },
);
