/** One door for both forms: a text whose first character is `{` is JSON, every other is HCL 1. */
import { parseHclJson } from './json.ts';
import { parseHclText } from './parser.ts';
import type { HclObject } from './tree.ts';

const json = /^[ \t\r\n]*\{/;

/** Throws `HclError` with line and column. */
export const parseHcl = (text: string): HclObject => (json.test(text) ? parseHclJson(text) : parseHclText(text));
