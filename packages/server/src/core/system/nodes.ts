/** Rows about the servers of this store: which there are, and which versions opened it. */
import { t } from '@coffer/schema/fields/t.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Listed } from '../barrier/collection.ts';
import type { Member } from '../nodes/member.ts';
import type { Core } from '../request/core.ts';
import { list, read } from './context.ts';
import { wireVersion } from './version.ts';
import type { KnownVersion } from './version-history.ts';

const root = { rootNamespaceOnly: true } as const;

const versionInfo = ({ version, previous, sinceMs }: KnownVersion): [string, Out] => [
  version,
  { previous_version: previous ?? null, timestamp_installed: new Date(sinceMs), build_date: null, commit_date: null },
];

const unnamed = { cluster_address: '', active_node: true, last_echo: null } as const;

/** `last_echo` is of the others: when each was heard of last. */
const nodeOf = ({ id, record }: Listed<Member>, { nodes }: Core): { readonly [name: string]: Out } => ({
  ...unnamed,
  hostname: record.hostname,
  api_address: record.apiAddress,
  last_echo: id === nodes.members.self ? null : new Date(record.seenAtMs),
  version: record.version,
});

export const nodeRows = [
  read(
    'ha-status',
    {
      ...root,
      summary: 'Show the nodes that serve this store',
      description:
        'Each of them is active. Where several share a storage, each tells every five seconds that it is there; one that was not heard of for twenty is not shown.',
      out: { nodes: t.raw('Each with its addresses and version, and whether it is active') },
    },
    async ({ core }) => {
      if (core.nodes.areMany) return { nodes: core.nodes.members.live.map(one => nodeOf(one, core)) };
      const { hostname } = await core.host.facts();
      return { nodes: [{ ...unnamed, hostname, api_address: core.settings.apiAddress ?? '', version: wireVersion }] };
    },
  ),
  list(
    'version-history',
    {
      ...root,
      summary: 'List the versions that opened this store',
      description:
        'The oldest first, each with the version before it and when it first opened the store. Versions before this list was kept are not in it.',
      out: { keys: t.list('The versions'), key_info: t.map('Of each: since when, and which was before it') },
    },
    async ({ core }) => {
      const all = await core.versions.list();
      if (all.length === 0) return undefined;
      return { keys: all.map(({ version }) => version), key_info: new Map(all.map(versionInfo)) };
    },
  ),
];
