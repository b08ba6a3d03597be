/**
 * Rows of `sys/config/ui/headers`: headers that answers of the web UI carry. Kept for it; this build has none, and who
 * sets one is told so.
 */
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { list, read, remove, type SystemCx, write } from './context.ts';
import { refused, uiHeader, uiHeaderId } from './ui-header.ts';

const headersLimit = 100;

const columns = { access: 'sudo', rootNamespaceOnly: true } as const;
const headerField = t.name('Name of the header', { folds: true });
const noUi = 'the web UI is not part of this build: the header is kept, and sent by nothing';

const put = async ({ core }: SystemCx, header: string, values: readonly string[]): Promise<Reply> => {
  const id = uiHeaderId(header);
  const ids = await core.uiHeaders.ids();
  if (ids.length >= headersLimit && !ids.includes(id)) throw refused(`at most ${headersLimit} headers can be set`);
  await core.storage.commit({ writes: [core.uiHeaders.put(id, uiHeader(id, values))] });
  return new Reply(undefined, { warnings: [noUi] });
};

export const uiHeaderRows = [
  list(
    'config/ui/headers',
    { ...columns, summary: 'List the headers of the web UI', out: { keys: t.list('Their names') } },
    async ({ core }) => {
      const all = await core.uiHeaders.list();
      return all.length === 0 ? undefined : { keys: all.map(({ record }) => record.name) };
    },
  ),
  read(
    'config/ui/headers/:header',
    {
      ...columns,
      summary: 'Show a header of the web UI',
      in: { header: headerField, multivalue: t.boolean('Show all its values', { default: false }) },
      out: { value: t.string('Its first value'), values: t.list('All its values') },
    },
    async ({ core }, { header, multivalue }) => {
      const found = (await core.uiHeaders.get(uiHeaderId(header)))?.record;
      if (found === undefined) return undefined;
      return multivalue ? { values: found.values } : { value: found.values[0] };
    },
  ),
  write(
    'config/ui/headers/:header',
    {
      ...columns,
      summary: 'Set a header of the web UI',
      in: {
        header: headerField,
        values: t.list('Its values', { default: [] }),
        multivalue: t.boolean('Accepted, without effect'),
      },
    },
    (cx, { header, values }) => put(cx, header, values),
  ),
  remove(
    'config/ui/headers/:header',
    { ...columns, summary: 'Remove a header of the web UI', in: { header: headerField } },
    async ({ core }, { header }) => {
      await core.storage.commit({ writes: [core.uiHeaders.remove(uiHeaderId(header))] });
    },
  ),
];
