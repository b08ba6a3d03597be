/** Help for a path, from the rows that answer there. */
import { mountHelp, pathHelp as helpOfPath } from '@coffer/schema/derive/path-help.ts';
import type { ServedRows } from '@coffer/schema/derive/served.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Exchange } from '../request/exchange.ts';
import { apiInfo } from './api-info.ts';

export const pathHelp = (exchange: Exchange): Reply => {
  const { mount, path } = exchange;
  if (mount === undefined) throw new CofferError('no_mount', `no handler for route "${path}". route entry not found.`);
  const inside = path.slice(mount.prefix.length).replace(/\/$/, '');
  const served = (rows: readonly unknown[]): ServedRows => ({
    mountPath: mount.prefix,
    engineType: mount.record.type,
    rows: rows as ServedRows['rows'],
  });
  if (inside === '') return new Reply({ ...mountHelp(apiInfo, summaryOf(exchange), served(mount.table.rows)) });
  const rows = mount.table.at(inside);
  if (rows.length === 0) throw new CofferError('unsupported_path', 'no help for this path: nothing answers there');
  return new Reply({ ...helpOfPath(apiInfo, path, served(rows)) });
};

const summaryOf = ({ mount }: Exchange): string =>
  mount?.record.description || `Mount of type ${mount?.record.type ?? ''}`;
