/** `docs/errors.md`: the one record of errors as a page. The same record gives the same text. */
import { type ErrorFacts, errorFacts } from '../errors.ts';

type Row = readonly string[];

const code = (text: string): string => `\`${text}\``;
const yes = (holds: boolean): string => (holds ? 'yes' : '');

const table = (header: Row, rows: readonly Row[]): string =>
  [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |\n`).join('');

const head = `# Errors

Every code, written from \`packages/schema/src/errors.ts\` by \`npm run gen\`: change the record, never this file.

A refusal has one code, and every edge makes of it what this page says. Over HTTP it is a status and a body such as
\`{"errors": ["permission denied"]}\`; the messages are for people and may change, so programs go by the status.
\`@coffer/client\` throws a \`CofferError\` with a \`code\`, which it takes from the status; the command ends with the exit code
(\`coffer run\` with 125) and writes the message to standard error. Messages name things, never values.
`;

const meanings = (all: readonly (readonly [string, ErrorFacts])[]): string =>
  table(
    ['Code', 'HTTP', 'Exit', 'Retry', 'What happened', 'What to do'],
    all.map(([name, { http, exit, retry, meaning, advice }]) => [
      code(name),
      String(http),
      String(exit),
      yes(retry),
      `${meaning}.`,
      `${advice}.`,
    ]),
  );

const edges = (all: readonly (readonly [string, ErrorFacts])[]): string =>
  table(
    ['Code', 'gRPC', 'Condition', 'Audit'],
    all.map(([name, { grpc, condition, audit }]) => [code(name), code(grpc), code(condition), yes(audit)]),
  );

export const errorsPage = (): string => {
  const all = Object.entries(errorFacts);
  return `${head}
## What happened, and what to do

*Retry*: the same request may succeed later, unchanged. *Exit* 1 is a mistake on this side, 2 an answer from the server.

${meanings(all)}
## At the other edges

The status of gRPC calls, the reason in the conditions of Kubernetes objects, and whether the refusal is written to audit.

${edges(all)}`;
};
