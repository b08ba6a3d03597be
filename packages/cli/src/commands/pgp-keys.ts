/** PGP public keys named by a flag, as the server takes them: base64 of the binary key. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Cx } from '../cx.ts';

const utf8 = new TextDecoder('utf-8');
const base64Text = /^[A-Za-z0-9+/=\s]{1,100000}$/;

const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

/** Files hold base64 already, or the binary key. */
const keyOf = (bytes: Uint8Array): string => {
  const text = utf8.decode(bytes);
  return base64Text.test(text) ? text.replace(/\s/g, '') : base64(bytes);
};

export const pgpKeys = async (cx: Cx, flag: string): Promise<string[]> => {
  const keys: string[] = [];
  for (const given of cx.flags.list(flag) ?? []) {
    const path = given.startsWith('@') ? given.slice(1) : given;
    const bytes = await cx.io.files.read(path);
    if (bytes === undefined) throw new CofferError('usage', `-${flag}: ${path}: no such file`);
    keys.push(keyOf(bytes));
  }
  return keys;
};
