/** What the key/value engines tell of: every kind of change, when it is told, and whether it can be read afterwards. */

export const kvV1Events = [
  { type: 'kv-v1/write', when: 'A secret was written', dataPath: ':path' },
  { type: 'kv-v1/delete', when: 'A secret was removed' },
] as const;

export const kvV2Events = [
  { type: 'kv-v2/data-write', when: 'A version was written', dataPath: 'data/:path' },
  { type: 'kv-v2/data-patch', when: 'A version was made of the one before and a patch', dataPath: 'data/:path' },
  { type: 'kv-v2/data-delete', when: 'The newest version was deleted' },
  { type: 'kv-v2/delete', when: 'Versions were deleted' },
  { type: 'kv-v2/undelete', when: 'Versions were brought back', dataPath: 'data/:path' },
  { type: 'kv-v2/destroy', when: 'Versions were destroyed' },
  { type: 'kv-v2/metadata-write', when: 'Metadata was written', dataPath: 'metadata/:path' },
  { type: 'kv-v2/metadata-patch', when: 'Metadata was patched', dataPath: 'metadata/:path' },
  { type: 'kv-v2/metadata-delete', when: 'A secret was removed with all its versions' },
  { type: 'kv-v2/config-write', when: 'The settings of the mount were written', dataPath: 'config' },
] as const;

export type KvEventType = (typeof kvV1Events | typeof kvV2Events)[number]['type'];
