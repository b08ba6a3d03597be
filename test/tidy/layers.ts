/** Which part of the code may import which: the design's layers as one table. */

/** layer → what it may import beside itself. A name missing here may not be imported by anything but `compose`. */
export const mayImport = new Map<string, readonly string[]>([
  ['schema', []],
  ['client', ['schema']],
  ['cli', ['client', 'schema']],
  ['contracts', ['schema']],
  ['platform', ['schema', 'contracts']],
  ['core', ['schema', 'contracts', 'platform']],
  ['http', ['schema', 'contracts', 'platform', 'core']],
  ['engines', ['schema', 'contracts']],
  // The store `vault` is reached with the client that applications use, so that there is one.
  ['providers', ['schema', 'contracts', 'client']],
  ['delivery', ['schema', 'contracts']],
  ['governance', ['schema', 'contracts']],
  ['kubernetes', ['schema', 'contracts', 'platform', 'client', 'providers', 'delivery', 'governance']],
  ['spiffe', ['schema', 'contracts', 'platform', 'client', 'providers', 'delivery', 'governance']],
  [
    'compose',
    [
      'schema',
      'contracts',
      'platform',
      'core',
      'http',
      'engines',
      'providers',
      'delivery',
      'governance',
      'kubernetes',
      'spiffe',
      'client',
    ],
  ],
  ['main', ['schema', 'contracts', 'platform', 'compose']],
]);

/** Layers whose folders are siblings that never see each other, and how many folders deep a sibling lies. */
export const siblingDepth = new Map<string, number>([
  ['engines', 2],
  ['providers', 1],
]);

export const layerOf = (file: string): string | undefined => {
  const match = /^packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(file);
  if (match === null) return undefined;
  if (match[1] !== 'server') return match[1];
  return match[2] ?? 'main';
};

/** `secrets/kv` for engines/secrets/kv/rows.ts; undefined for files above the siblings, such as a registry. */
export const siblingOf = (file: string): string | undefined => {
  const depth = siblingDepth.get(layerOf(file) ?? '');
  const inside = file.split('/').slice(4, -1);
  return depth === undefined || inside.length < depth ? undefined : inside.slice(0, depth).join('/');
};
