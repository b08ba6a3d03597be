/** The mark that all nodes are to be sealed, in clear: a node that follows and meets a newer one than it was opened behind seals itself. */
import type { Write } from '../../contracts/storage.ts';

export const closedKey = '1/-/seal/closed';
const closedFormat = 1;

export const closedWrite = (): Write => ({ key: closedKey, value: new Uint8Array([closedFormat]) });
