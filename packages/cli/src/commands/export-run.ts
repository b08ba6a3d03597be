/** `export`, when it is asked for: the store's secrets as manifests on standard output or in a folder. */
import { CofferError, errorFacts } from '@coffer/schema/errors.ts';
import { cleanPath } from '@coffer/client/path.ts';
import { type Cx, exits } from '../cx.ts';
import { Export } from '../manifests/export.ts';
import type { ManifestIo } from '../manifests/files.ts';
import { type Manifest, manifestOf } from '../manifests/manifest.ts';
import { isNamespace } from '../manifests/names.ts';
import { secretStore } from './import-run.ts';

const folderOf = (cx: Cx): string => {
  const text = cleanPath(cx.flags.text('prefix') ?? '').replace(/\/{1,9}$/, '');
  return text === '' ? '' : `${text}/`;
};

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

interface Target {
  readonly take: (manifest: Manifest) => Promise<void>;
  readonly end: () => number;
}

const toFolder = (cx: Cx, { files, toYaml }: ManifestIo, folder: string): Target => {
  const isJson = cx.format === 'json';
  let count = 0;
  return {
    take: async manifest => {
      const { namespace, name } = manifest.metadata;
      const content = isJson ? json(manifest) : toYaml(manifest);
      const file = `${name}.${isJson ? 'json' : 'yaml'}`;
      await files.place(folder, [namespace, file], new TextEncoder().encode(content));
      count += 1;
    },
    end: () => {
      cx.io.err(`${count} written to ${folder}\n`);
      return exits.ok;
    },
  };
};

const yamlOut = (cx: Cx, { toYaml }: ManifestIo): Target => ({
  take: async manifest => cx.io.out(`---\n${toYaml(manifest)}`),
  end: () => exits.ok,
});

const jsonOut = (cx: Cx): Target => {
  const items: Manifest[] = [];
  return {
    take: async manifest => void items.push(manifest),
    end: () => {
      cx.io.out(json({ apiVersion: 'v1', kind: 'List', items }));
      return exits.ok;
    },
  };
};

export const exportManifests = async (cx: Cx): Promise<number> => {
  const namespace = cx.flags.text('default-namespace') ?? 'default';
  if (!isNamespace(namespace)) {
    throw new CofferError('usage', '-default-namespace: not a name that Kubernetes allows for a namespace');
  }
  const io = await cx.io.loadManifests();
  const output = cx.flags.text('output') ?? '-';
  const target = output !== '-' ? toFolder(cx, io, output) : cx.format === 'json' ? jsonOut(cx) : yamlOut(cx, io);
  const found = new Export(await secretStore(cx), namespace);
  for await (const secret of found.below(folderOf(cx))) await target.take(manifestOf(secret));
  for (const { source, reason } of found.refused) cx.io.err(`REFUSED ${source}: ${reason}\n`);
  target.end();
  return found.refused.length === 0 ? exits.ok : errorFacts.invalid_request.exit;
};
