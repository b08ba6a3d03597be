/** What is refused is not known; that is no failure of the walk. */
import { CofferError } from '@coffer/schema/errors.ts';

/** Undefined where it is refused, whatever the reason; a fault is thrown. */
export const allowed = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof CofferError) return undefined;
    throw cause;
  }
};
