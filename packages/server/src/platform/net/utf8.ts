/** Well-formed UTF-8 (RFC 3629). */
import { isUtf8 as check } from 'node:buffer';

export const isUtf8 = (bytes: Uint8Array): boolean => check(bytes);
