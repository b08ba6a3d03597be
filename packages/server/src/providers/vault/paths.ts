/** Where the key of a manifest lies in the API, and which key a path of the change stream is. */
import type { Followed } from '@coffer/client/events.ts';
import { objectIn, textIn } from '@coffer/client/members.ts';
import { cleanPath } from '@coffer/client/path.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { VaultSettings } from './settings.ts';

type Where = Pick<VaultSettings, 'path' | 'version'>;

export interface Location {
  /** Without a slash at its end; empty where only the store knows it. */
  readonly mount: string;
  /** Below the mount. */
  readonly key: string;
}

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;

/** The mount as requests name it, without slashes at its ends. */
export const mountPath = (path: string | undefined): string => cleanPath(path ?? '').replace(/\/{1,9}$/, '');

const belowMount = (mount: string, key: string, version: Where['version']): string => {
  const below = withoutPrefix(key, `${mount}/`);
  return version === 'v2' && below !== key ? withoutPrefix(below, 'data/') : below;
};

const splitAt = (text: string, divider: string): Location => {
  const at = text.indexOf(divider);
  if (at < 0) return { mount: text, key: '' };
  return { mount: text.slice(0, at), key: text.slice(at + divider.length) };
};

/** A key may name the mount again, also with the `data/` of versioned mounts. Throws `usage` where no key is left. */
export const locate = ({ path, version }: Where, given: string): Location => {
  const key = cleanPath(given);
  const mount = mountPath(path);
  if (mount !== '') return checked({ mount, key: belowMount(mount, key, version) }, given);
  if (version === 'v1') return checked({ mount, key }, given);
  return checked(splitAt(key, key.includes('/data/') ? '/data/' : '/'), given);
};

const checked = (location: Location, given: string): Location => {
  if (location.key !== '') return location;
  const advice = 'write MOUNT/KEY, or KEY where spec.provider.vault.path names the mount';
  throw new CofferError('usage', `remoteRef.key "${given}": ${advice}`);
};

const joined = (...parts: readonly string[]): string => parts.filter(part => part !== '').join('/');

export const dataPath = (version: Where['version'], { mount, key }: Location): string =>
  version === 'v2' ? joined(mount, 'data', key) : joined(mount, key);

export const metadataPath = ({ mount, key }: Location): string => joined(mount, 'metadata', key);

/** The one text for all ways to write a key. */
export const normalKey = ({ mount, key }: Location): string => joined(mount, key);

/** Folders of a versioned mount below which paths are keys; `config` is none of them. */
const folders: ReadonlySet<string> = new Set(['data', 'metadata', 'delete', 'undelete', 'destroy']);

type Event = Extract<Followed, { readonly kind: 'event' }>;

/** The normal key of what an event tells; `undefined` where it is about no secret of this store. */
export const keyOfEvent = ({ path, version }: Where, { event, path: told }: Event): string | undefined => {
  const info = objectIn(objectIn(event, 'data') ?? new Map(), 'plugin_info') ?? new Map();
  const mount = mountPath(textIn(info, 'mount_path'));
  if (mount === '' || !told.startsWith(`${mount}/`)) return undefined;
  if (mountPath(path) !== '' && mountPath(path) !== mount) return undefined;
  const below = told.slice(mount.length + 1);
  if (version === 'v1') return normalKey({ mount, key: below });
  const { mount: folder, key } = splitAt(below, '/');
  return folders.has(folder) && key !== '' ? normalKey({ mount, key }) : undefined;
};
