/** Manifest files on disk and their text, as the import and the export see them. */
import type { Document } from './tree.ts';

export interface ManifestFile {
  /** As it is shown: below the folder that was given. */
  readonly shown: string;
  /** Reads it whole; throws `usage` where that is not possible, or it is too large. */
  readonly read: () => Promise<Uint8Array>;
}

export interface Listing {
  readonly files: readonly ManifestFile[];
  /** What was there and will not be read: links that lead out, devices, folders that cannot be opened. */
  readonly refused: readonly { readonly source: string; readonly reason: string }[];
  readonly hidden: number;
  readonly otherNames: number;
}

export interface ManifestFiles {
  /** A file, or all manifests of a folder. Throws `usage` where there is nothing. */
  list(given: string): Promise<Listing>;
  /** Writes one file of its owner's alone in a folder below `root`; the names are single segments. */
  place(root: string, names: readonly [folder: string, file: string], content: Uint8Array): Promise<void>;
}

export interface ManifestIo {
  readonly files: ManifestFiles;
  readonly readYaml: (bytes: Uint8Array) => readonly Document[];
  readonly toYaml: (value: unknown) => string;
}
