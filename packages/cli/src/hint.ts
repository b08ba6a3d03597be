/** What to do next, where the server's own words do not say it: one line, or nothing. */
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Io } from './io.ts';
import { currentToken } from './token-file.ts';

const noToken = 'No token was sent: set COFFER_TOKEN, or use "coffer login".';
const closed = 'A sealed store is opened with "coffer operator unseal"; a new one is made with "coffer operator init".';

export const hintFor = async (error: CofferError, io: Io): Promise<string | undefined> => {
  if (error.code === 'sealed') return closed;
  if (error.code !== 'permission_denied') return undefined;
  return (await currentToken(io)) === undefined ? noToken : undefined;
};
