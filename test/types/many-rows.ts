/** 600 rows such as engines declare, generated: to see that the types of rows stay cheap for the compiler. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run/environment.ts';
import { type Compiled, compile, inScratch } from './compile.ts';

export const rowCount = 600;
const rowsPerFile = 20;

const head = `import { type Field, field } from '@coffer/schema/fields/field.ts';
import type { Kind } from '@coffer/schema/fields/kind.ts';
import { rowsFor } from '@coffer/schema/row.ts';

declare const text: Kind<string>;
declare const seconds: Kind<number>;
declare const flag: Kind<boolean>;
declare const texts: Kind<readonly string[]>;
const { read, write, list, remove } = rowsFor<{ readonly storage: ReadonlyMap<string, string> }>();
const name: Field<string, boolean> = field(text, 'Name');
`;

/** Four rows that use path parameters, optional ones, required fields and defaults, and read them typed. */
const group = (number: number): string => `
export const read${number} = read('role${number}/:name', {
  summary: 'Read role ${number}',
  in: { name },
  out: { ttl: field(seconds, 'Life time'), policies: field(texts, 'Policies'), enabled: field(flag, 'Enabled') },
}, async (cx, { name }) => ({ ttl: cx.storage.size, policies: [name.toUpperCase()], enabled: true }));

export const write${number} = write('role${number}/:name/part/:part?', {
  summary: 'Write role ${number}',
  in: {
    name,
    part: field(text, 'Part'),
    ttl: field(seconds, 'Life time', { default: 60 }),
    policies: field(texts, 'Policies', { required: true }),
    enabled: field(flag, 'Enabled'),
    note${number}: field(text, 'Note'),
  },
  out: { ttl: field(seconds, 'Life time') },
}, (_, { name, part, ttl, policies, enabled, note${number} }) => {
  const sum: number = name.length + (part?.length ?? 0) + ttl + policies.length + (enabled === true ? 1 : 0);
  return { ttl: sum + (note${number}?.length ?? 0) };
});

export const list${number} = list('role${number}', { summary: 'List roles ${number}', out: { keys: field(texts, 'Names') } }, cx => ({
  keys: [...cx.storage.keys()],
}));

export const remove${number} = remove('role${number}/:name', { summary: 'Delete role ${number}', in: { name } }, (cx, { name }) => {
  cx.storage.has(name);
});
`;

const manyRows = (file: number): string =>
  head + Array.from({ length: rowsPerFile / 4 }, (_, at) => group(file * rowsPerFile + at)).join('');

/** How many rows were declared comes back too, so that a template that declares none is seen. */
export const compileManyRows = (): Promise<Compiled & { readonly declared: number }> =>
  inScratch(async folder => {
    let declared = 0;
    const files = Array.from({ length: rowCount / rowsPerFile }, (_, file) => {
      const text = manyRows(file);
      declared += text.match(/^export const \w+ = (?:read|write|list|remove)\(/gm)?.length ?? 0;
      const place = path.join(folder, `rows-${file}.ts`);
      writeFileSync(place, text);
      return path.relative(root, place);
    });
    return { ...(await compile(folder, files)), declared };
  });
