/** Rows under `sys/internal/ui`: what the command and the web UI ask before they ask for anything else. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Acl } from '../policies/acl.ts';
import type { Mount } from '../mounts/mount.ts';
import { callerOf, read, type SystemCx } from './context.ts';
import { mountInfo } from './mount-config.ts';

const forStrangers = ({ record }: Mount): { readonly [name: string]: Out } => ({
  type: record.type,
  description: record.description,
  options: record.options.size === 0 ? null : record.options,
});

const shown = (mounts: readonly Mount[], acl: Acl | undefined): { readonly [path: string]: Out } => {
  const visible = mounts.filter(({ prefix, record }) =>
    acl === undefined ? record.config.listingVisibility === 'unauth' : acl.anyUnder(prefix),
  );
  return Object.fromEntries(
    visible.map(mount => [mount.record.path, acl === undefined ? forStrangers(mount) : mountInfo(mount.record)]),
  );
};

const refused = (path: string): CofferError =>
  new CofferError(
    'permission_denied',
    `preflight capability check returned 403, please ensure client's policies grant access to path "${path}"`,
  );

const mountOf = (cx: SystemCx, path: string) => {
  const acl = cx.exchange.caller?.acl;
  const mount = cx.core.mounts.resolve(path.endsWith('/') ? path : `${path}/`);
  const asked = `${path.replace(/\/$/, '')}/`;
  // The same words whether or not a mount is there: who may see nothing learns nothing.
  if (acl === undefined || mount === undefined || !acl.anyUnder(mount.prefix)) throw refused(asked);
  return { ...mountInfo(mount.record), path: mount.prefix };
};

const capabilitiesByPath = (paths: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, Out> =>
  new Map([...paths].map(([path, capabilities]) => [path, { capabilities }]));

const mountsOut = { secret: t.map('Secrets engines by path'), auth: t.map('Auth methods by path') } as const;

export const uiRows = [
  read(
    'internal/ui/mounts',
    { summary: 'List the mounts the caller may see', access: 'open', headers: ['x-vault-token'], out: mountsOut },
    ({ core, exchange }) => ({
      secret: shown(core.mounts.list('secret'), exchange.caller?.acl),
      auth: shown(core.mounts.list('auth'), exchange.caller?.acl),
    }),
  ),
  read(
    'internal/ui/mounts/:path*',
    {
      summary: 'Say which mount a path falls into',
      access: 'open',
      headers: ['x-vault-token'],
      in: { path: t.path('Any path') },
      out: {
        path: t.string('Path of the mount'),
        type: t.string('Type of the engine'),
        options: t.keyvalues('Its options'),
      },
    },
    (cx, { path }) => mountOf(cx, path),
  ),
  read(
    'internal/ui/namespaces',
    {
      summary: 'List the namespaces below this one: there are none',
      access: 'open',
      headers: ['x-vault-token'],
    },
    () => new Reply({}),
  ),
  read(
    'internal/ui/resultant-acl',
    { summary: 'Show what the calling token may do, merged', out: { root: t.boolean('May do anything') } },
    cx => {
      const { root, exactPaths, globPaths } = callerOf(cx).acl.resultant();
      if (root) return { root };
      return { root, exact_paths: capabilitiesByPath(exactPaths), glob_paths: capabilitiesByPath(globPaths) };
    },
  ),
];
