/** The examples of the client's guide, each run as it stands against a real server: what they print is what they say. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

const root = path.join(import.meta.dirname, '../..');
const guide = readFileSync(path.join(root, 'packages/client/README.md'), 'utf8');
const examples = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
const folder = newFolder();
const run = promisify(execFile);
let server: ServerProcess;

before(async () => {
  server = await startDevServer();
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(path.join(root, 'packages'), path.join(folder, 'packages'));
  symlinkSync(path.join(root, 'node_modules/@coffer'), path.join(folder, 'node_modules/@coffer'));
});

after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the comments behind `console.log` promise, up to an ellipsis. */
const promised = (code: string): string[] =>
  [...code.matchAll(/^\s*(?:if \(.*\) )?console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, said = '']) => said.split('…')[0] ?? '',
  );

test('there are examples', () => {
  assert.ok(examples.length >= 6);
});

for (const [at, code] of examples.entries()) {
  test(`example ${at + 1} prints what it says`, async () => {
    const file = path.join(folder, `example-${at}.ts`);
    writeFileSync(file, code);
    const env = { ...process.env, COFFER_ADDR: server.address, COFFER_TOKEN: 'root' };
    const { stdout } = await run(process.execPath, [file], { env, cwd: folder });
    const lines = stdout.split('\n');
    const said = promised(code);
    said.forEach((start, line) => assert.ok(lines[line]?.startsWith(start), `${start} ≠ ${lines[line]}`));
  });
}
