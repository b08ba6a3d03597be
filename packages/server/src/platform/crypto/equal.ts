/** Equality whose time tells nothing about where two secrets differ. */
import { hash, timingSafeEqual } from 'node:crypto';

/** Both sides are hashed first, so that lengths may differ and no prefix can be probed. */
export const sameSecret = (left: string | Uint8Array, right: string | Uint8Array): boolean =>
  timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
