/** The table of keys as text: the golden file, and `docs/configuration.md`. */
import type { KeyRow, ListName } from './key-row.ts';
import { keyRows } from './table.ts';

const lists: readonly ListName[] = ['honoured', 'warning', 'error'];

const titles: { readonly [L in ListName]: string } = {
  honoured: 'Honoured',
  warning: 'Accepted with a warning',
  error: 'Errors',
};

const intros: { readonly [L in ListName]: string } = {
  honoured: 'These keys do what they say.',
  warning: 'These keys have no effect; the server starts, and says so.',
  error:
    'The server does not start with these keys, because to ignore them would be unsafe. Values in the last column are accepted.',
};

const quoted = (values: readonly string[]): string =>
  values.map(value => (value === '' ? '`""`' : `\`${value}\``)).join(', ');

/** One line for each key: list, block, key, kind, values accepted anyway, note. */
export const goldenText = (): string =>
  lists
    .flatMap(list => keyRows.filter(row => row.list === list))
    .map(({ list, block, key, kind, harmless, note }) =>
      [list, block, key, kind, harmless.map(value => JSON.stringify(value)).join(' ') || '-', note].join(' | '),
    )
    .join('\n')
    .concat('\n');

const table = (rows: readonly KeyRow[]): string => {
  const lines = rows.map(
    row => `| \`${row.key}\` | ${row.kind} | ${row.note.replaceAll('|', '\\|')} | ${quoted(row.harmless)} |`,
  );
  return ['| Key | Kind | What it does, or what to do | Accepted anyway |', '|---|---|---|---|', ...lines].join('\n');
};

const section = (list: ListName): string => {
  const rows = keyRows.filter(row => row.list === list);
  const blocks = [...new Set(rows.map(row => row.block))];
  const parts = blocks.map(block => `### ${block}\n\n${table(rows.filter(row => row.block === block))}`);
  return [`## ${titles[list]}`, intros[list], ...parts].join('\n\n');
};

const head = `# Configuration

\`coffer server -config=PATH\` reads a file, or every \`*.hcl\` and \`*.json\` file of a directory in the order of their names; the
flag may be given several times. A file whose first character is \`{\` is JSON, every other is HCL.

\`\`\`hcl
storage "sqlite" {
  path = "/var/lib/coffer/coffer.db"
}

listener "tcp" {
  address       = "0.0.0.0:8200"
  tls_cert_file = "/etc/coffer/tls.crt"
  tls_key_file  = "/etc/coffer/tls.key"
}

seal "static" {
  current_key_id = "2026-01"
  current_key    = "file:///etc/coffer/seal.key"
}

audit "file" "main" {
  options {
    file_path = "/var/log/coffer/audit.log"
  }
}

api_addr = "https://coffer.example.org:8200"
\`\`\`

Of a key that is set several times the last one counts; listeners and audit devices add up; the storage of a later file replaces
that of an earlier one. Environment variables win over files: \`COFFER_API_ADDR\` (also \`REDIRECT_ADDR\`, \`ADVERTISE_ADDR\`),
\`COFFER_LOG_LEVEL\`, \`COFFER_LOG_FORMAT\`; for each, \`BAO_…\` and \`VAULT_…\` are read where \`COFFER_…\` is not set.
\`COFFER_SEAL_TYPE\` must agree with the seal that is configured.

Every problem is told as \`file:line:column\` with what to do, all of them in one run. A key that no table below names is a
warning with the nearest name; where it may have been meant to protect something, it is an error. A duration is a
number of seconds, or a text such as "90s", "1h30m" or "7d".
`;

/** Markdown, made from the table alone. */
export const configurationReference = (): string => `${[head, ...lists.map(section)].join('\n')}\n`;
