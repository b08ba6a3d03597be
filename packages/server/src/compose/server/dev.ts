/** Development: initialised with one share, unsealed, `secret/` mounted; nothing is kept. */
import type { Core } from '../../core/request/core.ts';
import { mountSecret } from './first-start.ts';

export interface DevKeys {
  readonly rootToken: string;
  readonly unsealKey: string;
}

export const startDev = async (core: Core, kvVersion: '1' | '2'): Promise<DevKeys> => {
  const made = await core.seal.initialize({ secretShares: 1, secretThreshold: 1 });
  const unsealKey = made.keysBase64[0] ?? '';
  await core.seal.submitKey(unsealKey);
  await mountSecret(core, kvVersion);
  return { rootToken: made.rootToken, unsealKey };
};
