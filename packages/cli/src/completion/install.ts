/** Putting completion into the start files of the shells that are there, and taking it out again. Only our marked line is touched. */
import type { Io } from '../io.ts';

const mark = '# coffer completion';

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8');

const startFiles: readonly (readonly [file: string, line: string])[] = [
  ['.bashrc', 'command -v coffer >/dev/null && source <(coffer completion bash)'],
  ['.zshrc', 'command -v coffer >/dev/null && source <(coffer completion zsh)'],
  ['.config/fish/config.fish', 'command -q coffer; and coffer completion fish | source'],
];

const withoutOurs = (text: string): string =>
  text
    .split('\n')
    .filter(line => !line.endsWith(mark))
    .join('\n');

const withOurs = (text: string, line: string): string => {
  const before = withoutOurs(text);
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return `${start}${line} ${mark}\n`;
};

export interface Installed {
  /** Start files that are there; a shell without one is left alone. */
  readonly found: readonly string[];
  readonly changed: readonly string[];
}

export const startFileNames: readonly string[] = startFiles.map(([name]) => `~/${name}`);

export const setCompletion = async (io: Io, wanted: boolean): Promise<Installed> => {
  const found: string[] = [];
  const changed: string[] = [];
  for (const [name, line] of startFiles) {
    const path = `${io.home}/${name}`;
    const content = await io.files.read(path);
    if (content === undefined) continue;
    found.push(path);
    const before = utf8.decode(content);
    const after = wanted ? withOurs(before, line) : withoutOurs(before);
    if (after === before) continue;
    await io.files.write(path, encoder.encode(after), 'kept');
    changed.push(path);
  }
  return { found, changed };
};
