/**
 * A refusal that may come from a mount that is not there. What is told is only what the server tells this token: who may
 * list mounts learns that there is none, everybody else that there is none or none to be seen.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { objectIn, textsIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import { didYouMean, near } from '@coffer/schema/near.ts';

/** What a command looked for. */
export interface Sought {
  /** The path, with its mount. */
  readonly path: string;
  /** Where its mount was expected: without a `/` at its end. */
  readonly mount: string;
}

const trimmed = (path: string): string => path.replace(/^\/{1,9}|\/{1,9}$/g, '');

/** A mount is expected at the first part of a path, or at the second below `auth/`. */
export const inPath = (given: string): Sought => {
  const path = trimmed(given);
  const parts = path.split('/');
  return { path, mount: parts.slice(0, parts[0] === 'auth' ? 2 : 1).join('/') };
};

export const atMount = (given: string): Sought => ({ path: trimmed(given), mount: trimmed(given) });

/** These are there in every store. */
const builtIn: ReadonlySet<string> = new Set(['', 'auth', 'sys', 'cubbyhole', 'identity']);

interface Area {
  /** Before the paths of its mounts. */
  readonly start: string;
  readonly section: 'secret' | 'auth';
  readonly listed: string;
  readonly command: string;
  readonly type: string;
}

const secrets: Area = { start: '', section: 'secret', listed: 'sys/mounts', command: 'secrets', type: 'kv-v2' };
const auth: Area = { start: 'auth/', section: 'auth', listed: 'sys/auth', command: 'auth', type: 'TYPE' };

/** Mounts without the `/` at their ends; `complete`: there is no other that the path could lie in. */
interface Known {
  readonly mounts: readonly string[];
  readonly complete: boolean;
}

const mountsIn = (data: JsonObject | undefined, { start }: Area): string[] =>
  [...(data?.keys() ?? [])].filter(name => name.endsWith('/')).map(name => start + name.slice(0, -1));

/** Asks nothing that would be refused: a refusal stands in audit. */
const knownMounts = async (client: Coffer, area: Area): Promise<Known> => {
  const body = { paths: [area.listed] };
  const rights = (await client.request({ method: 'PUT', path: 'sys/capabilities-self', body })).data ?? new Map();
  if (textsIn(rights, area.listed).some(one => one === 'read' || one === 'root')) {
    const answer = await client.request({ method: 'GET', path: area.listed });
    return { mounts: mountsIn(answer.data, area), complete: true };
  }
  const visible = await client.request({ method: 'GET', path: 'sys/internal/ui/mounts' });
  return { mounts: mountsIn(objectIn(visible.data ?? new Map(), area.section), area), complete: false };
};

const nearMounts = (mount: string, { mounts }: Known): readonly string[] => {
  const depth = mount.split('/').length;
  return near(
    mount,
    mounts.filter(one => one.split('/').length === depth && !builtIn.has(one)),
  );
};

const hint = ({ mount }: Sought, area: Area, known: Known): string => {
  const name = mount.slice(area.start.length);
  const makes = `"coffer ${area.command} enable -path=${name} ${area.type}" makes it`;
  const meant = didYouMean(nearMounts(mount, known).map(one => `${one}/`));
  const lists = `"coffer ${area.command} list" shows those there are`;
  if (known.complete) return `There is no mount "${mount}/".${meant} ${lists}, ${makes}.`;
  return `There is no mount "${mount}/", or no policy of this token reaches into it.${meant} With the rights to, ${lists}, ${makes}.`;
};

/**
 * One line where the mount is missing. `isAllowed`: the token was let through to the path, so that a mount there would be
 * one it can see.
 */
export const missingMount = async (client: Coffer, sought: Sought, isAllowed: boolean): Promise<string | undefined> => {
  if (builtIn.has(sought.mount.split('/', 1)[0] ?? '') && !sought.mount.startsWith('auth/')) return undefined;
  const area = sought.mount.startsWith('auth/') ? auth : secrets;
  try {
    const known = await knownMounts(client, area);
    if (known.mounts.some(mount => `${sought.path}/`.startsWith(`${mount}/`))) return undefined;
    return hint(sought, area, { ...known, complete: known.complete || isAllowed });
  } catch (error) {
    if (error instanceof CofferError) return undefined;
    throw error;
  }
};
