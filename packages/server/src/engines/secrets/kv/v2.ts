/**
 * Key/value secrets with versions. Records of a mount: `config`, `m/<path>` (metadata), `v/<path>/<version>` (values).
 * Every change of a key is one commit on the condition that its metadata is the one the decision saw.
 */
import type { Engine } from '../../../contracts/engine.ts';
import { kvNeeds } from './cx.ts';
import { kvV2Events } from './event-types.ts';
import { configRows } from './rows-config.ts';
import { dataRows } from './rows-data.ts';
import { elsewhereRows } from './rows-elsewhere.ts';
import { metadataRows } from './rows-metadata.ts';
import { versionRows } from './rows-versions.ts';

export const kvV2: Engine = {
  kind: 'secret',
  type: 'kv',
  variant: { option: 'version', value: '2' },
  summary: 'Key/value secrets with versions',
  needs: kvNeeds,
  events: kvV2Events,
  rows: [...dataRows, ...versionRows, ...metadataRows, ...configRows, ...elsewhereRows],
};
