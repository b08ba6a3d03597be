/** From what `-f` names to Secrets, file by file: a file or document that cannot be read takes no other with it. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { ManifestFiles } from './files.ts';
import { Found } from './found.ts';
import { shown } from './names.ts';
import { type Choice, Objects } from './objects.ts';
import type { Document } from './tree.ts';

export interface Sources {
  readonly files: ManifestFiles;
  readonly readYaml: (bytes: Uint8Array) => readonly Document[];
  readonly standardInput: () => Promise<Uint8Array>;
}

export class Gather {
  readonly #sources: Sources;
  readonly #found = new Found();
  readonly #objects: Objects;

  constructor(sources: Sources, choice: Choice) {
    this.#sources = sources;
    this.#objects = new Objects(this.#found, choice);
  }

  async all(given: readonly string[]): Promise<Found> {
    for (const one of new Set(given)) {
      if (one === '-') this.#take(await this.#sources.standardInput(), 'standard input');
      else await this.#path(one);
    }
    return this.#found;
  }

  async #path(given: string): Promise<void> {
    const listing = await this.#sources.files.list(given);
    for (const { source, reason } of listing.refused) this.#found.refuse(shown(source), reason);
    if (listing.hidden > 0) this.#found.skip('hidden files and folders', listing.hidden);
    if (listing.otherNames > 0) this.#found.skip('files not named .yaml, .yml or .json', listing.otherNames);
    for (const file of listing.files) {
      try {
        this.#take(await file.read(), shown(file.shown));
      } catch (error) {
        if (!(error instanceof CofferError)) throw error;
        this.#found.refuse(shown(file.shown), error.publicMessage.replace(`${file.shown}: `, ''));
      }
    }
  }

  #take(bytes: Uint8Array, file: string): void {
    for (const document of this.#sources.readYaml(bytes)) this.#objects.take(document, file);
  }
}
