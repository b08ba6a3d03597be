/** Rows of `auth/token`. */
import { createRows } from './rows-create.ts';
import { lookupRows } from './rows-lookup.ts';
import { roleRows } from './rows-role.ts';

export const tokenRows = [...createRows, ...lookupRows, ...roleRows];
