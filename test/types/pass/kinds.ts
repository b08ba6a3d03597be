import { t } from '@coffer/schema/fields/t.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Secret } from '@coffer/schema/secret.ts';

const { write, read, remove, list } = rowsFor<unknown>();

export const everyKind = write(
  'role/:name/at/:path*',
  {
    summary: 'Write a role',
    in: {
      name: t.name('Name'),
      path: t.path('Where'),
      text: t.string('Text', { required: true }),
      count: t.integer('Count', { default: 3 }),
      size: t.natural('Size', { required: true }),
      on: t.boolean('On', { default: false }),
      ttl: t.duration('Life time', { default: 60 }),
      until: t.time('End', { required: true }),
      words: t.list('Words', { default: ['a'] }),
      ports: t.integers('Ports', { required: true }),
      labels: t.keyvalues('Labels', { required: true }),
      opened: t.map('Opened', { required: true }),
      any: t.raw('Any', { required: true }),
      whole: t.object('Object', { required: true }),
      token: t.secret('Token', { required: true }),
      mode: t.oneOf(['fast', 'safe'], 'Mode', { default: 'safe' }),
      note: t.string('Note'),
    },
    out: { token: t.secret('Token'), count: t.integer('Count') },
  },
  (_, args) => {
    const strings: readonly string[] = [args.name, args.path, args.text, ...args.words];
    const numbers: readonly number[] = [args.count, args.size, args.ttl, ...args.ports];
    const on: boolean = args.on;
    const until: Date = args.until;
    const labels: ReadonlyMap<string, string> = args.labels;
    const opened: JsonObject = args.opened;
    const parts: readonly RawJson[] = [args.any, args.whole];
    const token: Secret = args.token;
    const mode: 'fast' | 'safe' = args.mode;
    const note: string | undefined = args.note;
    return {
      token,
      count: strings.length + numbers.length + parts.length,
      seen: [on, until, labels, opened, mode, note],
    };
  },
);

/** A default may be any of the choices, and a row may need no fields, answer nothing, or answer later. */
export const mode = t.oneOf(['a', 'b'], 'Mode', { default: 'b' });
export const bare = read('health', { summary: 'Say how it is' }, () => undefined);
export const later = remove('all', { summary: 'Remove all' }, async () => {});
export const keys = list(
  'keys/:prefix*?',
  { summary: 'List', in: { prefix: t.path('Below') }, out: { keys: t.list('Names') } },
  (_, { prefix }) => ({
    keys: [prefix ?? ''],
  }),
);
