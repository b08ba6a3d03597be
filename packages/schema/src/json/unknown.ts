/** Any JavaScript value that JSON can carry, as checked JSON bytes. Throws `TypeError` for the rest (functions, cycles). */
import { RawJson } from './raw.ts';
import { writeJson } from './write.ts';
import type { Out } from '../out.ts';

export const fromUnknown = (value: unknown): RawJson =>
  value instanceof RawJson ? value : new RawJson(writeJson(value as Out));
