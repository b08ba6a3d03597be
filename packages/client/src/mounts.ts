/** Which mount serves a path, and for key/value mounts which version: asked once for each mount, then remembered. */
import type { Answer } from './answer.ts';
import { ServerError } from './errors.ts';
import { objectIn, textIn } from './members.ts';
import { cleanPath } from './path.ts';

export interface Mount {
  /** With a `/` at its end. */
  readonly path: string;
  readonly type: string;
  readonly kvVersion: 1 | 2;
}

/** Mounts remembered; beyond it the oldest is asked again. */
const rememberedLimit = 1000;

const readMount = (answer: Answer, asked: string): Mount => {
  const data = answer.data ?? new Map();
  const path = textIn(data, 'path');
  const version = textIn(objectIn(data, 'options') ?? new Map(), 'version');
  return { path: path === '' ? asked : path, type: textIn(data, 'type'), kvVersion: version === '2' ? 2 : 1 };
};

export class Mounts {
  readonly #ask: (path: string) => Promise<Answer>;
  readonly #known = new Map<string, Mount>();

  constructor(ask: (path: string) => Promise<Answer>) {
    this.#ask = ask;
  }

  forget(): void {
    this.#known.clear();
  }

  async of(given: string): Promise<Mount> {
    const path = cleanPath(given).replace(/\/{1,9}$/, '');
    const known = this.#find(path);
    if (known !== undefined) return known;
    const mount = await this.#asked(path);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= rememberedLimit && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(mount.path, mount);
    return mount;
  }

  #find(path: string): Mount | undefined {
    const folder = `${path}/`;
    for (let end = folder.indexOf('/'); end !== -1; end = folder.indexOf('/', end + 1)) {
      const known = this.#known.get(folder.slice(0, end + 1));
      if (known !== undefined) return known;
    }
    return undefined;
  }

  /** A server without this question has version 1 mounts, named by the first segment. */
  async #asked(path: string): Promise<Mount> {
    const first = `${path.split('/')[0] ?? ''}/`;
    try {
      return readMount(await this.#ask(`sys/internal/ui/mounts/${path}`), first);
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 404) throw error;
      return { path: first, type: 'kv', kvVersion: 1 };
    }
  }
}
