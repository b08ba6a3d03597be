/** Where a key/value path leads: its mount, asked of the server once, and the path below it. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type KvFolder, kvPath } from '@coffer/client/kv.ts';
import type { Mount } from '@coffer/client/mounts.ts';
import { cleanPath } from '@coffer/client/path.ts';
import type { Cx } from '../cx.ts';
import { text } from '../flags.ts';
import { atMount, inPath, type Sought } from '../missing-mount.ts';

export interface Place {
  readonly mount: Mount;
  /** Below the mount, without a `/` at either end. */
  readonly path: string;
}

export const mountFlag = { mount: text('Path of the mount; PATH is then below it') };

/** For commands whose first argument is such a path. */
export const placeSeeks = async (cx: Cx): Promise<readonly Sought[]> => {
  const given = cx.flags.text('mount') ?? '';
  return [given === '' ? inPath(cx.arg(0)) : atMount(given)];
};

const withoutEnd = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

export const placeOf = async (cx: Cx): Promise<Place> => {
  const questions = await cx.questions();
  const given = cx.flags.text('mount');
  const path = cleanPath(cx.arg(0));
  if (given !== undefined && given !== '') {
    return { mount: await questions.mountOf(withoutEnd(cleanPath(given))), path: withoutEnd(path) };
  }
  const mount = await questions.mountOf(withoutEnd(path));
  return { mount, path: withoutEnd(`${path}/`.slice(mount.path.length)).replace(/\/$/, '') };
};

export const apiPath = (place: Place, folder: KvFolder): string => kvPath(place.mount, folder, place.path);

export const needsVersions = (place: Place): Place => {
  if (place.mount.kvVersion === 2) return place;
  throw new CofferError(
    'usage',
    `${place.mount.path}: this mount keeps no versions; see "coffer kv enable-versioning"`,
  );
};
