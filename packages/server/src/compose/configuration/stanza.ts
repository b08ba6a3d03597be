/** A block with a type, as `storage "sqlite" { … }`: finds the type, says what becomes of it, reads its body. */
import { type HclBlock, readBlocks, readText } from '@coffer/schema/hcl/read.ts';
import type { HclItem } from '@coffer/schema/hcl/tree.ts';
import { nearest } from './nearest.ts';
import { type Origin, type Report } from './problem.ts';
import { originOf, type Placed, readSettings, type Settings } from './settings.ts';
import { rowsOf } from './table.ts';

export interface Stanza {
  readonly origin: Origin;
  readonly type: string;
  /** Labels after the type. */
  readonly labels: readonly string[];
  readonly settings: Settings;
}

export interface StanzaForm {
  /** `storage`, `seal` …: the rows of its types are those of the block `… types`. */
  readonly name: string;
  readonly labels: number;
  /** The block whose rows the body is read against. */
  readonly bodyOf: (type: string) => string;
}

const placedItems = (block: HclBlock, file: string): Placed[] => block.body.items.map(item => ({ item, file }));

/** A listener may name its type inside: `listener { type = "tcp" }`. */
const innerType = (block: HclBlock): string | undefined => {
  const item = block.body.items.find(one => one.keys[0].text.toLowerCase() === 'type');
  return item === undefined ? undefined : readText(item.value);
};

const isKnown = (form: StanzaForm, type: string, at: { origin: Origin; report: Report }): boolean => {
  const known = rowsOf(`${form.name} types`);
  const row = known.get(type);
  if (row?.list === 'honoured') return true;
  const like = nearest(type, [...known.keys()]);
  const hint = like === undefined ? `use one of ${honoured(form.name)}` : `did you mean "${like}"?`;
  const name = row === undefined ? `unknown type of ${form.name}` : `${form.name} "${row.key}"`;
  at.report.add('error', at.origin, `${name}: ${row?.note ?? hint}`);
  return false;
};

const honoured = (name: string): string =>
  [...rowsOf(`${name} types`).values()].flatMap(row => (row.list === 'honoured' ? [`"${row.key}"`] : [])).join(', ');

const readStanza = (
  block: HclBlock,
  form: StanzaForm,
  { file, report }: { file: string; report: Report },
): Stanza | undefined => {
  const label = block.labels[0];
  const type = (label?.text ?? innerType(block) ?? '').toLowerCase();
  const origin =
    label === undefined ? originOf({ item: block.item, file }) : { file, line: label.line, column: label.column };
  if (type === '') {
    report.add('error', origin, `${form.name} type must be specified: use one of ${honoured(form.name)}`);
    return undefined;
  }
  if (!isKnown(form, type, { origin, report })) return undefined;
  const settings = readSettings(form.bodyOf(type), placedItems(block, file), report);
  return { origin, type, labels: block.labels.slice(1).map(one => one.text), settings };
};

/** Labels as the form has them, or none where the type stands inside. */
const blocksOf = (item: HclItem, form: StanzaForm): HclBlock[] => {
  if (form.name !== 'listener' || item.keys.length > 1) return readBlocks(item, form.labels);
  const bare = item.value.kind === 'object' ? [item.value] : item.value.kind === 'list' ? item.value.values : [];
  const named = bare.some(
    one => one.kind === 'object' && one.items.some(({ keys }) => ['type', 'address'].includes(keys[0].text)),
  );
  return readBlocks(item, named || !item.assigned ? 0 : form.labels);
};

export const readStanzas = (items: readonly Placed[], form: StanzaForm, report: Report): Stanza[] =>
  items.flatMap(placed => {
    const origin = originOf(placed);
    const read = (): (Stanza | undefined)[] =>
      blocksOf(placed.item, form).map(block => readStanza(block, form, { file: placed.file, report }));
    return report.attempt(origin, '', read)?.filter(one => one !== undefined) ?? [];
  });

/** The value of a text key, turned into what it means; a refusal is reported at the key. */
export const converted = <T>(
  { settings, report }: { settings: Settings; report: Report },
  key: string,
  convert: (text: string) => T,
): T | undefined => {
  const setting = settings.setting(key);
  if (setting === undefined || typeof setting.value !== 'string') return undefined;
  const { value } = setting;
  return report.attempt(setting.origin, `"${key}": `, () => convert(value));
};
