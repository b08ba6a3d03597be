/** Output, seen from the other end of a pipe. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

const length = 1_000_000;
const script = (before: string): string =>
  `import { output } from ${JSON.stringify(import.meta.resolve('./process.ts'))};
   ${before}
   output.out('x'.repeat(${length}));
   output.out('end');
   process.exit(0);`;

const started = (before: string) =>
  spawn(process.execPath, ['--input-type=module', '-e', script(before)], { stdio: ['ignore', 'pipe', 'pipe'] });

const ways = {
  'a pipe': '',
  'a pipe that does not block': 'process.stdout._handle.setBlocking(false);',
};

for (const [name, before] of Object.entries(ways))
  test(`${name} whose reader is slow loses nothing`, async () => {
    const { stdout, stderr } = started(before);
    let [read, end, faults] = [0, '', ''];
    stderr.on('data', chunk => (faults += String(chunk)));
    for await (const chunk of stdout) {
      read += chunk.length;
      end = `${end}${String(chunk)}`.slice(-3);
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    assert.deepEqual([read, end, faults], [length + 3, 'end', '']);
  });

test('a reader who has gone is no fault', async () => {
  const child = started('');
  let faults = '';
  child.stderr.on('data', chunk => (faults += String(chunk)));
  child.stdout.destroy();
  const code = await new Promise(resolve => child.once('close', resolve));
  assert.deepEqual([code, faults], [0, '']);
});
