import { field } from '@coffer/schema/fields/field.ts';
import type { Kind } from '@coffer/schema/fields/kind.ts';
import { rowsFor } from '@coffer/schema/row.ts';

declare const text: Kind<string>;
declare const seconds: Kind<number>;
const { write } = rowsFor<{ readonly now: number }>();

export const row = write(
  'role/:name/:part?',
  {
    summary: 'Write a role',
    in: {
      name: field(text, 'Name'),
      part: field(text, 'Part'),
      ttl: field(seconds, 'Life time', { default: 60 }),
      note: field(text, 'Note'),
    },
  },
  (cx, { name, part, ttl, note }) => {
    const always: string = name + (cx.now + ttl).toFixed(0);
    const perhaps: string | undefined = part ?? note;
    return { always, perhaps };
  },
);
