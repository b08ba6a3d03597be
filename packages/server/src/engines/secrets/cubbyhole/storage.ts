/** Where the records of a token lie, and how they go with it. */
import type { MountStorage } from '../../../contracts/engine.ts';

const batchLimit = 256;

export const cubbyholeRoot = (tokenId: string): string => `t/${tokenId}/`;

/**
 * Removes all records of a token in bounded commits. Safe to run again after it was cut off, and on a token without
 * records.
 */
export const removeCubbyhole = async (storage: MountStorage, tokenId: string): Promise<void> => {
  for (;;) {
    const found = await storage.range(cubbyholeRoot(tokenId), { limit: batchLimit, values: false });
    if (found.length === 0) return;
    await storage.commit({ writes: found.map(({ key }) => ({ key, value: undefined })) });
    if (found.length < batchLimit) return;
  }
};
