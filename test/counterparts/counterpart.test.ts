import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type Counterpart, ensure, need } from './counterpart.ts';
import { hvac } from './hvac.ts';

const fake = (places: string[], run: () => Promise<void>): Counterpart => ({
  name: 'a peer',
  getIt: 'Ask for it.',
  locate: () => places[0],
  install: { what: 'one package', run: () => run() },
});

const ensured = async (counterpart: Counterpart, mayInstall: boolean): Promise<string> => {
  const said: string[] = [];
  await ensure(counterpart, { cache: 'nowhere', mayInstall, say: text => said.push(text) });
  return said.join('\n');
};

test('a missing counterpart is named with how to get it, and its tests skip with that', () => {
  assert.match(
    String(
      need(
        fake([], async () => {}),
        'nowhere',
      ).skip,
    ),
    /a peer is not on this machine\. Ask for it\./,
  );
  assert.deepEqual(
    need(
      fake(['/there'], async () => {}),
      'nowhere',
    ),
    { skip: false, path: '/there' },
  );
});

test('what is installed is said before, with where it goes', async () => {
  const places: string[] = [];
  const said = await ensured(
    fake(places, async () => void places.push('/there')),
    true,
  );
  assert.match(said, /^Installing a peer: one package\n {2}into {2}nowhere$/);
  assert.deepEqual(places, ['/there']);
});

test('nothing is installed when that is not wanted', async () => {
  const said = await ensured(
    fake([], () => assert.fail('installed')),
    false,
  );
  assert.match(said, /Ask for it/);
});

test('an installation that fails is told, not thrown', async () => {
  const said = await ensured(
    fake([], () => Promise.reject(new Error('no way'))),
    true,
  );
  assert.match(said, /could not be installed: no way/);
});

test('an installation that was cut off is not taken for a whole one', context => {
  const cache = mkdtempSync(path.join(tmpdir(), 'cache-'));
  context.after(() => rmSync(cache, { recursive: true }));
  const bin = path.join(cache, 'counterparts', 'hvac-2.4.0', 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'python'), '');
  assert.equal(hvac.locate(cache), undefined);
  writeFileSync(path.join(bin, '..', 'complete'), '');
  assert.equal(hvac.locate(cache), path.join(bin, 'python'));
});
