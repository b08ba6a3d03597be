/** The token that `login` keeps: one file, its owner's alone, without a line end. */
import { checkToken } from '@coffer/client/options.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { setting } from '@coffer/client/environment.ts';
import type { Io } from './io.ts';

const utf8 = new TextDecoder('utf-8');

export const tokenPath = (io: Io): string => setting(io.env, 'TOKEN_PATH') ?? `${io.home}/.vault-token`;

export const storedToken = async (io: Io): Promise<Secret | undefined> => {
  const content = await io.files.read(tokenPath(io));
  return content === undefined ? undefined : checkToken(utf8.decode(content));
};

export const storeToken = (io: Io, token: Secret): Promise<void> =>
  io.files.write(tokenPath(io), token.reveal(), 'private');

export const eraseToken = (io: Io): Promise<void> => io.files.remove(tokenPath(io));

/** From the environment, else from the file. */
export const currentToken = async (io: Io): Promise<Secret | undefined> =>
  checkToken(setting(io.env, 'TOKEN')) ?? (await storedToken(io));
