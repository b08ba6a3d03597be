/** The functions of a file with a body in braces, and how many lines each takes, its own head and foot included. */
import { lineAt, type Source } from './tree.ts';

export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

const control =
  /^\s*(?:\}?\s*else\s+)?(?:if|for|while|switch|catch|with|do|try|finally|class|interface|namespace|return\s+new)\b/;
const head = /(?:\bfunction\b|^\s*(?:(?:export|async|static|override|get|set|\*)\s+)*[#\w$*]+\s*(?:<[^()]*>)?\s*\()/;
const named = /(?:function\s*\*?\s*|const\s+|let\s+|^\s*(?:(?:async|static|override|get|set)\s+)*)([#\w$]+)\s*[=(<:]/;

/** Offset of the brace that closes the one at `open`. */
const closingBrace = (code: string, open: number): number => {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === '{') depth += 1;
    else if (code[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return code.length;
};

const opens = '([{';
const closes = ')]}';

/** A `}` that ends a block, not one inside a type or an expression that goes on. */
const endsBlock = (code: string, at: number): boolean =>
  code[at] === '}' && !/^\s*[>),\]|&=[.]/.test(code.slice(at + 1, at + 80));

/** Where the statement or member starts whose body opens at `open`. */
const headStart = (code: string, open: number): number => {
  let depth = 0;
  for (let at = open - 1; at >= 0; at -= 1) {
    const char = code[at] ?? '';
    if (depth === 0 && (char === ';' || char === '{' || char === ',' || endsBlock(code, at))) return at + 1;
    if (closes.includes(char)) depth += 1;
    else if (opens.includes(char)) {
      if (depth === 0) return at + 1;
      depth -= 1;
    }
  }
  return 0;
};

const isBody = (before: string): boolean => {
  if (/=>\s*\(?$/.test(before)) return true;
  return before.includes(')') && !control.test(before) && head.test(before) && !/=\s*$/.test(before);
};

export const functionsOf = ({ code }: Source): FunctionSize[] => {
  const found: FunctionSize[] = [];
  for (let open = code.indexOf('{'); open !== -1; open = code.indexOf('{', open + 1)) {
    const beforeParenthesis = /=>\s*\($/.test(code.slice(Math.max(0, open - 20), open))
      ? code.lastIndexOf('(', open)
      : open;
    const start = headStart(code, beforeParenthesis);
    const before = code.slice(start, open);
    if (!isBody(before)) continue;
    const line = lineAt(code, start + (before.length - before.trimStart().length));
    const lines = lineAt(code, closingBrace(code, open)) - line + 1;
    found.push({ name: named.exec(before)?.[1] ?? 'a function', line, lines });
  }
  return found;
};
