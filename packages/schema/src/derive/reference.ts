/** The reference page of an engine in Markdown, made of its rows. */
import { type AnyField, type AnyRow, fullPath, methodOf, type ServedRows, splitFields } from './served.ts';

export interface Page extends ServedRows {
  readonly title: string;
  readonly summary: string;
  /** What it tells those who follow the change stream. */
  readonly events?: readonly { readonly type: string; readonly when: string; readonly dataPath?: string }[];
}

/** Text inside a table: no pipe may end the cell, no line may end the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const accessText: { readonly [A in AnyRow['access']]: string } = {
  token: '',
  sudo: 'Needs the `sudo` capability.',
  open: 'No token needed.',
};

const defaultText = ({ required, default: value, kind }: AnyField): string => {
  if (required) return 'required';
  if (value === undefined || kind.secret) return '';
  return ['string', 'number', 'boolean'].includes(typeof value) ? `\`${JSON.stringify(value)}\`` : '';
};

const inputRow = ([name, field]: readonly [string, AnyField], where: string): string => {
  const aliases = field.aliases.length === 0 ? '' : ` Also: ${field.aliases.map(alias => `\`${alias}\``).join(', ')}.`;
  const choices = field.kind.name === 'oneOf' ? field.kind.expects : field.kind.name;
  return `| \`${name}\` | ${where} | ${cell(choices)} | ${defaultText(field)} | ${cell(field.summary)}.${aliases} |`;
};

const inputTable = (row: AnyRow): readonly string[] => {
  const { inPath, others } = splitFields(row);
  if (inPath.length + others.length === 0) return [];
  const elsewhere = row.body === 'none' ? 'query' : 'body';
  return [
    '| Field | In | Kind | Default | |',
    '| --- | --- | --- | --- | --- |',
    ...inPath.map(field => inputRow(field, 'path')),
    ...others.map(field => inputRow(field, field[0] === row.wholeBody ? 'whole body' : elsewhere)),
    '',
  ];
};

const answerTable = (row: AnyRow): readonly string[] => {
  const fields = Object.entries(row.out) as [string, AnyField][];
  if (fields.length === 0) return [];
  return [
    `Answer${row.answer === 'bare' ? ' (without envelope)' : ''}:`,
    '',
    '| Field | Kind | |',
    '| --- | --- | --- |',
    ...fields.map(([name, field]) => `| \`${name}\` | ${field.kind.name} | ${cell(field.summary)}. |`),
    '',
  ];
};

const operation = (row: AnyRow, mountPath: string): readonly string[] => {
  const aliases = row.aliases.map(path => `\`${fullPath(mountPath, path)}\``).join(', ');
  const notes = [
    accessText[row.access],
    row.whileSealed ? 'Answers while sealed.' : '',
    row.serviceOnly === undefined ? '' : 'Not for batch tokens.',
    aliases === '' ? '' : `Other name: ${aliases}.`,
  ];
  const said = notes.filter(note => note !== '').join(' ');
  return [
    `### ${methodOf[row.verb]} \`${fullPath(mountPath, row.path)}\``,
    '',
    `${row.summary}.${said === '' ? '' : ` ${said}`}`,
    '',
    ...(row.description === undefined ? [] : [row.description, '']),
    ...inputTable(row),
    ...answerTable(row),
  ];
};

const eventTable = ({ events = [], mountPath }: Page): readonly string[] =>
  events.length === 0
    ? []
    : [
        '## Events',
        '',
        'Told to those who [follow the change stream](../events.md).',
        '',
        '| Type | When | `data_path` |',
        '| --- | --- | --- |',
        ...events.map(
          ({ type, when, dataPath }) =>
            `| \`${type}\` | ${cell(when)} | ${dataPath === undefined ? '' : `\`${fullPath(mountPath, dataPath)}\``} |`,
        ),
        '',
      ];

export const referencePage = (page: Page): string =>
  [
    `# ${page.title}`,
    '',
    `${page.summary}.`,
    '',
    ...page.rows.flatMap(row => operation(row, page.mountPath)),
    ...eventTable(page),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
