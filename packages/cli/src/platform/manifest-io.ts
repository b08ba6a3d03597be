/** What import and export take from outside, in one place to load when asked for. */
import type { ManifestIo } from '../manifests/files.ts';
import { manifestFiles } from './manifest-files.ts';
import { readYaml, toYaml } from './yaml.ts';

export const manifestIo: ManifestIo = { files: manifestFiles, readYaml, toYaml };
