import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '@coffer/server/contracts/engine.ts';

const { read } = rowsFor<Cx<'storage' | 'clock'>>();

const row = read(
  'at/:key',
  { summary: 'Read', in: { key: t.name('Key') }, out: { at: t.integer('When') } },
  async (cx, { key }) => {
    const entry = await cx.storage.get(key);
    return entry === undefined ? undefined : { at: cx.clock.now() };
  },
);

export const engine: Engine = {
  kind: 'secret',
  type: 'sample',
  summary: 'A sample',
  needs: ['storage', 'clock'],
  rows: [row],
};
