/** How the runtime keeps the memory of a process that lives long. */
import { setFlagsFromString } from 'node:v8';

/**
 * Garbage is collected once what lives long has grown by a third, where the runtime would let it double or more: a store's memory
 * is then what it keeps and not what it forgot. A runtime that does not know the flag says so and goes on.
 */
export const collectSooner = (): void => setFlagsFromString('--heap-growing-percent=30');
