/** The OpenAPI document of this store: the rows of every mount the caller may see. */
import { genericMount, openApi } from '@coffer/schema/derive/openapi.ts';
import type { ServedRows } from '@coffer/schema/derive/served.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Mount } from '../mounts/mount.ts';
import { apiInfo } from './api-info.ts';
import { read, type SystemCx, write } from './context.ts';

const columns = {
  access: 'open',
  answer: 'bare',
  headers: ['x-vault-token'],
  summary: 'Describe the API as an OpenAPI document',
  in: {
    generic_mount_paths: t.boolean('Show mounts as parameters instead of where they stand', { default: false }),
    context: t.string('Accepted, without effect'),
  },
  out: { openapi: t.string('Version of the format'), paths: t.map('Operations by path') },
} as const;

/** Without a token only what everybody may call is told. */
const visible = ({ core, exchange }: SystemCx): readonly Mount[] => {
  const all = [...core.mounts.list('secret'), ...core.mounts.list('auth')];
  const acl = exchange.caller?.acl;
  return acl === undefined
    ? all.filter(({ prefix }) => prefix === 'sys/')
    : all.filter(({ prefix }) => acl.anyUnder(prefix));
};

const document = (cx: SystemCx, generic: boolean) => {
  const stranger = cx.exchange.caller === undefined;
  const served = visible(cx).map(({ prefix, record, table }): ServedRows => {
    const rows = stranger ? table.rows.filter(({ access }) => access === 'open') : table.rows;
    const own = prefix === 'sys/' || prefix === 'auth/token/';
    return {
      mountPath: generic && !own ? genericMount(record.type) : prefix,
      engineType: record.type,
      rows,
    };
  });
  return openApi(apiInfo, served) as never;
};

export const openApiRows = [
  read('internal/specs/openapi', columns, (cx, { generic_mount_paths }) => document(cx, generic_mount_paths)),
  write('internal/specs/openapi', { ...columns, pure: true }, (cx, { generic_mount_paths }) =>
    document(cx, generic_mount_paths),
  ),
];
