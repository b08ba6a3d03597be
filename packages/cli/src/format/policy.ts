/**
 * Policies indented in one way: two spaces a level, one blank line at most, no spaces at line ends. What stands between
 * quotes, in heredocs and in comments stays. A text that is no policy language is refused with its place, and unchanged.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { parseHcl } from '@coffer/schema/hcl/parse.ts';

const unit = '  ';
const heredocStart = /<<-?([A-Za-z0-9_]{1,100})$/;

const openers: ReadonlySet<string> = new Set(['{', '[', '(']);
const closers: ReadonlySet<string> = new Set(['}', ']', ')']);

interface Depth {
  /** Closers at the very start of the line stand one level further out. */
  readonly leading: number;
  readonly change: number;
}

/** Brackets of one line, outside quotes and comments. */
const depthOf = (line: string): Depth => {
  let change = 0;
  let leading = 0;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '#' || line.startsWith('//', at)) break;
    else if (openers.has(character)) change += 1;
    else if (closers.has(character)) {
      change -= 1;
      if (at === leading) leading += 1;
    }
  }
  return { leading, change };
};

class Indenter {
  readonly #lines: string[] = [];
  #depth = 0;
  #heredoc = '';
  #comment = false;

  take(line: string): void {
    if (this.#heredoc !== '') this.#inHeredoc(line);
    else if (this.#comment) this.#inComment(line);
    else this.#plain(line.trim());
  }

  finish(): string {
    return `${this.#lines.join('\n').trim()}\n`;
  }

  #inHeredoc(line: string): void {
    this.#lines.push(line);
    if (line.trim() === this.#heredoc) this.#heredoc = '';
  }

  #inComment(line: string): void {
    this.#lines.push(line.trimEnd());
    if (line.includes('*/')) this.#comment = false;
  }

  #plain(line: string): void {
    if (line === '' && (this.#lines.at(-1) ?? '') === '') return;
    const { leading, change } = depthOf(line);
    this.#lines.push(line === '' ? '' : unit.repeat(Math.max(0, this.#depth - leading)) + line);
    this.#depth = Math.max(0, this.#depth + change);
    this.#heredoc = heredocStart.exec(line)?.[1] ?? '';
    this.#comment = line.startsWith('/*') && !line.includes('*/');
  }
}

const isJson = (text: string): boolean => text.trimStart().startsWith('{');

export const formatPolicy = (text: string, name: string): string => {
  try {
    parseHcl(text);
  } catch (cause) {
    throw new CofferError('usage', `${name}: ${cause instanceof Error ? cause.message : 'cannot be read'}`, { cause });
  }
  if (isJson(text)) throw new CofferError('usage', `${name}: a policy in JSON is not indented by this command`);
  const indenter = new Indenter();
  for (const line of text.split(/\r?\n/)) indenter.take(line);
  return indenter.finish();
};
