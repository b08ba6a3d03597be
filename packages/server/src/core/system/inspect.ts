/**
 * Rows of `sys/internal/inspect`, for those who look for a fault: how the mounts are found, and what of a request arrives
 * here. Off unless the configuration has `introspection_endpoint`.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import { mountPrefix } from '../barrier/mount-storage.ts';
import type { Mount } from '../mounts/mount.ts';
import { rootNamespace } from '../namespaces/namespace.ts';
import { read, type SystemCx } from './context.ts';

const columns = { access: 'sudo', rootNamespaceOnly: true } as const;

const allowed = ({ core }: SystemCx): void => {
  if (!core.settings.introspection)
    throw new CofferError(
      'unsupported_path',
      'sys/internal/inspect is off: introspection_endpoint in the configuration turns it on',
    );
};

type Shown = { readonly [name: string]: Out };

const entry = ({ record }: Mount): Shown => ({
  accessor: record.accessor,
  mount_namespace: rootNamespace.path,
  mount_path: record.path,
  mount_type: record.type,
  uuid: record.id,
});

/** With where its records lie. A mount that is being removed is found no more. */
const stored = (mount: Mount): Shown => ({
  ...entry(mount),
  storage_prefix: mountPrefix(rootNamespace.id, mount.record.id),
  tainted: false,
});

/** Of all mounts: their paths, their places in the storage, their ids and accessors. */
const tables: ReadonlyMap<string, (mount: Mount) => Shown> = new Map([
  ['root', stored],
  ['storage', stored],
  ['uuid', entry],
  ['accessor', entry],
]);

const routes = (cx: SystemCx, tag: string): Reply => {
  allowed(cx);
  const shown = tables.get(tag);
  if (shown === undefined) throw new CofferError('invalid_request', `tag: expected ${[...tables.keys()].join(', ')}`);
  const { mounts } = cx.core;
  return new Reply({ [tag]: [...mounts.list('auth'), ...mounts.list('secret')].map(shown) });
};

const requestOf = (cx: SystemCx): Shown => {
  allowed(cx);
  const { id, operation, path, mount, namespace, caller, wire } = cx.exchange;
  return {
    id,
    operation,
    path,
    ...(mount === undefined ? {} : { mount_point: mount.prefix, mount_type: mount.record.type }),
    namespace: { id: namespace?.id ?? '', path: namespace?.path ?? '' },
    remote_address: wire.peer.address,
    remote_port: wire.peer.port,
    client_token_accessor: caller?.token.accessor ?? '',
    display_name: caller?.token.displayName ?? '',
  };
};

export const inspectRows = [
  read(
    'internal/inspect/router/:tag',
    {
      ...columns,
      summary: 'Show how the mounts are found',
      description:
        'Off unless the configuration has `introspection_endpoint`. Answered under the name that was asked for.',
      in: { tag: t.name('root, uuid, accessor or storage') },
    },
    (cx, { tag }) => routes(cx, tag),
  ),
  read(
    'internal/inspect/request',
    {
      ...columns,
      summary: 'Show what of this very request arrives here',
      description: 'Off unless the configuration has `introspection_endpoint`. The members are those of audit records.',
      out: {
        id: t.string('Its id, as in audit records'),
        operation: t.string('What it is for policies'),
        path: t.string('Its path, as policies see it'),
        remote_address: t.string('Where it comes from; behind a proxy as the listener is told to believe'),
        remote_port: t.integer('The port there'),
        client_token_accessor: t.string('Accessor of its token'),
      },
    },
    requestOf,
  ),
];
