/** `sys/loggers`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logParts } from '../../../packages/server/src/contracts/log.ts';
import { type Bed, openBed } from '../bed.ts';

const levels = async (bed: Bed) => (await bed.root('GET', 'sys/loggers')).json.data;
const all = (level: string) => Object.fromEntries(logParts.map(part => [part, level]));
const did = async (bed: Bed, ...[method, path, body]: Parameters<Bed['root']>): Promise<void> =>
  assert.equal((await bed.root(method, path, body)).status, 204);

test('levels are shown, set and set back, of all and of one', async () => {
  const bed = await openBed();
  assert.deepEqual(await levels(bed), all('info'));
  await did(bed, 'POST', 'sys/loggers/audit', { level: 'trace' });
  assert.deepEqual((await bed.root('GET', 'sys/loggers/audit')).json.data, { audit: 'trace' });
  assert.deepEqual(await levels(bed), { ...all('info'), audit: 'trace' });
  await did(bed, 'POST', 'sys/loggers', { level: 'Warning' });
  assert.deepEqual(await levels(bed), all('warn'));
  await did(bed, 'DELETE', 'sys/loggers/audit');
  assert.deepEqual(await levels(bed), { ...all('warn'), audit: 'info' });
  await did(bed, 'DELETE', 'sys/loggers');
  assert.deepEqual(await levels(bed), all('info'));
});

test('levels have the names that other servers know too', async () => {
  const bed = await openBed();
  for (const [given, level] of [
    ['notice', 'info'],
    ['err', 'error'],
    ['DEBUG', 'debug'],
  ]) {
    await did(bed, 'POST', 'sys/loggers/core', { level: given });
    assert.equal((await levels(bed)).core, level);
  }
});

test('what is no level and no logger is refused, and changes nothing', async () => {
  const bed = await openBed();
  const asked: readonly (readonly [method: string, path: string, body: object | undefined, message: RegExp])[] = [
    ['POST', 'sys/loggers', {}, /missing field "level"/],
    ['POST', 'sys/loggers', { level: 'loud' }, /^invalid level provided/],
    ['POST', 'sys/loggers/core', { level: '' }, /^invalid level provided/],
    ['POST', 'sys/loggers/core', { level: 7 }, /^invalid level provided/],
    ['POST', 'sys/loggers/core', { level: ['info'] }, /"level"/],
    ['POST', 'sys/loggers/none', { level: 'trace' }, /^logger not found/],
    ['POST', 'sys/loggers/__proto__', { level: 'trace' }, /^logger not found/],
    ['GET', 'sys/loggers/none', undefined, /^logger not found/],
    ['DELETE', 'sys/loggers/none', undefined, /^logger not found/],
  ];
  for (const [method, path, body, message] of asked) {
    const { status, json } = await bed.root(method, path, body);
    assert.equal(status, 400, `${method} ${path}`);
    assert.match(json.errors[0], message);
  }
  assert.deepEqual(await levels(bed), all('info'));
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.root('GET', 'sys/loggers')).status, 503);
});
