/** A reporter for node:test that writes one JSON object a line, for `suite.ts` to add up. */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export interface Line {
  /** `note`: what a test wants seen although nothing is wrong, as a measured time. */
  readonly kind: 'pass' | 'skip' | 'fail' | 'note' | 'end';
  readonly title: string;
  readonly detail: string;
}

const detailLimitChars = 6000;
/** What node:test itself says at the end. */
const counted = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

interface Told {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly type?: string; readonly error?: Error & { failureType?: string } };
}

const where = (told: Told): string => (told.file === undefined ? '' : ` (${told.file}:${told.line ?? 1})`);

const ownFrame = (stack: string | undefined): string =>
  stack?.split('\n').find(line => /^\s+at /.test(line) && !/\(?node:/.test(line)) ?? '';

/** A failed assertion says all in its message; anything else is shown with its stack and causes. */
const explain = (error: (Error & { failureType?: string }) | undefined): string => {
  const reason: unknown = error?.cause ?? error;
  const text =
    reason instanceof Error && 'code' in reason && reason.code === 'ERR_ASSERTION'
      ? `${reason.message}\n${ownFrame(reason.stack)}`
      : inspect(reason, { depth: 4, breakLength: 120 });
  return text.slice(0, detailLimitChars);
};

const lineOf = (type: 'test:pass' | 'test:fail', told: Told): Line | undefined => {
  if (type === 'test:fail') {
    // The parent of a failing test fails too: one mistake, told once.
    if (told.details.error?.failureType === 'subtestsFailed') return undefined;
    return { kind: 'fail', title: told.name + where(told), detail: explain(told.details.error) };
  }
  if (told.details.type === 'suite') return undefined;
  const left = told.skip ?? told.todo;
  if (left === undefined || left === false) return { kind: 'pass', title: '', detail: '' };
  return { kind: 'skip', title: told.name + where(told), detail: left === true ? 'no reason given' : left };
};

async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type === 'test:pass' || event.type === 'test:fail') {
      const line = lineOf(event.type, event.data);
      if (line !== undefined) yield `${JSON.stringify(line)}\n`;
    } else if (event.type === 'test:diagnostic' && !counted.test(event.data.message)) {
      yield `${JSON.stringify({ kind: 'note', title: event.data.message, detail: '' } satisfies Line)}\n`;
    } else if (event.type === 'test:summary' && event.data.file === undefined) {
      yield `${JSON.stringify({ kind: 'end', title: '', detail: '' } satisfies Line)}\n`;
    }
  }
}

// node:test asks a reporter's module for its default export.
export { report as default };
