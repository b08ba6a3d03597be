/**
 * Programs and libraries of others that tests hold the product against. Each knows where it is, how to install itself
 * into the cache folder outside the repository, and how a person gets it where that cannot be done.
 */
import { cacheFolder } from '../run/environment.ts';

export interface Counterpart {
  readonly name: string;
  /** One sentence for a person: how to get it on a machine that lacks it. */
  readonly getIt: string;
  /** Its path when it is there and whole. Looks, and never installs. */
  readonly locate: (cache: string) => string | undefined;
  /** Absent: it comes with `npm ci` or with the machine. */
  readonly install?: Install;
}

export interface Install {
  /** What is fetched and from where, said before it happens. */
  readonly what: string;
  /** Tells of long work as it goes on. Rejects with a reason a person can act on. */
  readonly run: (cache: string, say: (text: string) => void) => Promise<void>;
}

/** What a test needs to know: `test(name, { skip: need.skip }, …)` and the path once it is not skipped. */
export interface Need {
  readonly skip: string | false;
  readonly path: string;
}

export const need = (counterpart: Counterpart, cache: string = cacheFolder()): Need => {
  const path = counterpart.locate(cache);
  return path === undefined ? { skip: missing(counterpart), path: '' } : { skip: false, path };
};

const missing = ({ name, getIt, install }: Counterpart): string =>
  `${name} is not on this machine. ${getIt}${install === undefined ? '' : ' `npm test` installs it by itself where it may.'}`;

export interface EnsureOptions {
  readonly cache: string;
  readonly mayInstall: boolean;
  readonly say: (text: string) => void;
}

/** Installs it if it is missing and may be installed. What fails is said, never thrown: its tests will be skipped. */
export const ensure = async (counterpart: Counterpart, { cache, mayInstall, say }: EnsureOptions): Promise<void> => {
  if (counterpart.locate(cache) !== undefined) return;
  if (counterpart.install === undefined || !mayInstall) return say(missing(counterpart));
  say(`Installing ${counterpart.name}: ${counterpart.install.what}\n  into  ${cache}`);
  try {
    await counterpart.install.run(cache, say);
  } catch (error) {
    say(`${counterpart.name} could not be installed: ${error instanceof Error ? error.message : String(error)}`);
    say(missing(counterpart));
  }
};
