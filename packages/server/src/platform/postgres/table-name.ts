/** What the tables of a store are called: the only part of a statement that a person chooses. */
import { CofferError } from '@coffer/schema/errors.ts';

/** A prefix, or a schema and a prefix. 40 leaves room for the longest end within PostgreSQL's 63 bytes. */
const wellFormedName = /^(?:[a-z_][a-z0-9_]{0,39}\.)?[a-z_][a-z0-9_]{0,39}$/;

export const checkTableName = (name: string): string => {
  if (!wellFormedName.test(name))
    throw new CofferError(
      'usage',
      'expected PREFIX or SCHEMA.PREFIX, each of lower-case letters, digits and _, 40 at most',
    );
  return name;
};
