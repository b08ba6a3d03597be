/** One batch of templates through Go's text/template and through ours. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { CofferError } from '@coffer/schema/errors.ts';
import { digestFunctions } from '../../packages/server/src/delivery/render/sprig/outside.ts';
import { sprigFunctions } from '../../packages/server/src/delivery/render/sprig/table.ts';
import { compile, rootOf } from '../../packages/server/src/delivery/render/template.ts';

const digests = digestFunctions((name, bytes) => createHash(name).update(bytes).digest());
const functions = new Map([...sprigFunctions, ...digests]);

export interface Case {
  readonly text: string;
  readonly left?: string;
  readonly right?: string;
}

/** What came out, as latin1 (one unit per byte), or why nothing did. */
export type Outcome = { readonly output: string } | { readonly error: string };

const limitBytes = 64 * 1024 * 1024;

export const inGo = (program: string, data: ReadonlyMap<string, Uint8Array>, cases: readonly Case[]): Outcome[] => {
  const encoded = Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  const input = cases.map(each => `${JSON.stringify({ ...each, data: encoded })}\n`).join('');
  const lines = execFileSync(program, { input, maxBuffer: limitBytes, encoding: 'utf8' }).trimEnd().split('\n');
  return lines.map(line => {
    const { output, error } = JSON.parse(line) as { output: string | null; error: string };
    return error === '' ? { output: Buffer.from(output ?? '', 'base64').toString('latin1') } : { error };
  });
};

export const inCoffer = (data: ReadonlyMap<string, Uint8Array>, { text, left, right }: Case): Outcome => {
  const delimiters = { left: left ?? '{{', right: right ?? '}}' };
  try {
    const template = compile({ name: 'case', text, functions, delimiters });
    return { output: Buffer.from(template.render(rootOf(data))).toString('latin1') };
  } catch (error) {
    if (error instanceof CofferError) return { error: error.publicMessage };
    throw error;
  }
};

/** Where both fail they agree: the words are our own. */
export const agree = (a: Outcome, b: Outcome): boolean =>
  'error' in a || 'error' in b ? 'error' in a && 'error' in b : a.output === b.output;
