/** The files that `-config` names: a file, or the `*.hcl` and `*.json` of a folder, by name. */
import { CofferError } from '@coffer/schema/errors.ts';
import { kindOf, namesIn, readWhole } from '../../platform/files/read.ts';
import type { ConfigurationSource } from '../configuration/read.ts';

const fileBytesLimit = 1_048_576;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const configurationName = /^[^.#].*\.(?:hcl|json)$/;

export const readSources = async (paths: readonly string[]): Promise<readonly ConfigurationSource[]> => {
  const names: string[] = [];
  for (const path of paths) names.push(...(await filesOf(path)));
  const sources: ConfigurationSource[] = [];
  for (const name of new Set(names)) sources.push({ name, text: decoded(name, await readWhole(name, fileBytesLimit)) });
  return sources;
};

const decoded = (name: string, bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new CofferError('usage', `configuration ${name}: not UTF-8 text`, { cause });
  }
};

const filesOf = async (path: string): Promise<readonly string[]> => {
  const kind = await kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'none') throw new CofferError('usage', `configuration ${path}: there is no such file or folder`);
  const found = (await namesIn(path)).filter(name => configurationName.test(name) && !name.endsWith('~'));
  return found.map(name => `${path.replace(/\/$/, '')}/${name}`);
};
