/** Columns of text: padded to the widest and four spaces more, the header underlined, empty cells as `n/a`. */
const gap = 4;

/** Control characters could steer the terminal; line ends and tabs stay. */
export const harmless = (text: string): string => {
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const control = (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code < 0xa0);
    shown += control ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }
  return shown;
};

/** Rows without a header. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const shown = rows.map(row => row.map(text => (text === '' ? 'n/a' : harmless(text))));
  const widths: number[] = [];
  for (const row of shown) {
    row.forEach((text, at) => {
      widths[at] = Math.max(widths[at] ?? 0, text.length);
    });
  }
  return shown.map(row => line(row, widths)).join('\n');
};

const line = (row: readonly string[], widths: readonly number[]): string =>
  row.map((text, at) => (at === row.length - 1 ? text : text.padEnd((widths[at] ?? 0) + gap))).join('');

export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  columns([header, header.map(title => '-'.repeat(title.length)), ...rows]);

export const keyValue = (rows: readonly (readonly [string, string])[]): string => table(['Key', 'Value'], rows);

/** A title in the middle of `=`, as wide as what stands below it. */
export const banner = (title: string, width: number): string => {
  const wanted = width - title.length - 2;
  const signs = wanted <= 0 ? 4 : wanted + (wanted % 2);
  const bar = '='.repeat(signs / 2);
  return `${bar} ${title} ${bar}`;
};

const lineEnd = (text: string): number => {
  const at = text.indexOf('\n');
  return at === -1 ? text.length : at;
};

/** A table under its title. */
export const titled = (title: string, body: string): string => `${banner(title, lineEnd(body))}\n${body}`;
