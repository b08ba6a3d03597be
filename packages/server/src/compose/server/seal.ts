/** The seal that the configuration names. */
import type { Random } from '../../contracts/random.ts';
import type { Seal } from '../../contracts/seal.ts';
import { openStaticSeal, shamirSeal } from '../../core/seal/static.ts';
import { readWhole } from '../../platform/files/read.ts';
import type { SealSettings, StaticKey } from '../configuration/configuration.ts';

const keyFileBytesLimit = 4096;
const filePrefix = 'file://';

/** In the words of the seal: a reference to a file, or the key itself. */
const asText = ({ id, key }: StaticKey): { readonly id: string; readonly key: string } => ({
  id,
  key: 'file' in key ? `${filePrefix}${key.file}` : key.secret.reveal().toHex(),
});

export const openSeal = async (settings: SealSettings, random: Random): Promise<Seal> => {
  if (settings.type === 'shamir') return shamirSeal;
  const { current, previous } = settings;
  return openStaticSeal(
    { current: asText(current), ...(previous === undefined ? {} : { previous: asText(previous) }) },
    { random, resolve: reference => readWhole(reference.slice(filePrefix.length), keyFileBytesLimit) },
  );
};
