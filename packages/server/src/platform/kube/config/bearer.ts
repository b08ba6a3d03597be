/** Tokens as a header. */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';

/** Space around it is cut off. Throws `usage` where it cannot be a token; `from`: where it stood, for the fault. */
export const bearer = (token: Uint8Array | string, from: string): Secret => {
  const text = typeof token === 'string' ? token.trim() : Buffer.from(token).toString('utf8').trim();
  if (!/^[\x21-\x7e]+$/.test(text)) throw new CofferError('usage', `${from} holds no token`);
  return Secret.of(`Bearer ${text}`);
};
