/** `sys/tools`: random bytes and hashes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Bed, openBed } from '../bed.ts';

const random = async (bed: Bed, path = '', body: object = {}): Promise<string> => {
  const told = await bed.root('POST', `sys/tools/random${path}`, body);
  assert.equal(told.status, 200, told.text);
  return told.json.data.random_bytes;
};
const lengthOf = (base64: string): number => Buffer.from(base64, 'base64').length;

test('random bytes: as many as asked for, in path or body, in both forms, never the same', async () => {
  const bed = await openBed();
  assert.equal(lengthOf(await random(bed)), 32);
  assert.equal(lengthOf(await random(bed, '', { bytes: '16' })), 16);
  assert.equal(lengthOf(await random(bed, '/8', { bytes: 16 })), 8);
  assert.equal(lengthOf(await random(bed, '/platform/131072')), 131_072);
  assert.match(await random(bed, '/4', { format: 'hex' }), /^[0-9a-f]{8}$/);
  assert.notEqual(await random(bed), await random(bed));
});

test('no seal adds entropy: who asks for it is told so', async () => {
  const bed = await openBed();
  for (const path of ['/seal', '/all/7']) {
    const { json } = await bed.root('POST', `sys/tools/random${path}`, {});
    assert.match(json.warnings[0], /no seal\/entropy augmentation available/);
  }
  const plain = await bed.root('POST', 'sys/tools/random/platform', {});
  assert.equal(plain.json.warnings, null);
});

test('random bytes are not in audit', async () => {
  const bed = await openBed();
  const made = await random(bed);
  assert.ok(!bed.audited.some(line => line.includes(made)));
});

test('random bytes: too many, too few and no number are refused', async () => {
  const bed = await openBed();
  const asked: readonly (readonly [path: string, body: object, message: RegExp])[] = [
    ['/0', {}, /cannot be less than 1/],
    ['', { bytes: -5 }, /cannot be less than 1/],
    ['/131073', {}, /should be less than 131072/],
    ['', { bytes: 1e15 }, /should be less than 131072/],
    ['/99999999999', {}, /expected in the path/],
    ['/moon', {}, /expected in the path/],
    ['/moon/5', {}, /"source"/],
    ['/platform/five', {}, /"urlbytes"/],
    ['', { bytes: 'five' }, /"bytes"/],
    ['', { format: 'octal' }, /"format"/],
    ['', { source: 'moon' }, /"source"/],
  ];
  for (const [path, body, message] of asked) {
    const { status, json } = await bed.root('POST', `sys/tools/random${path}`, body);
    assert.equal(status, 400, path);
    assert.match(json.errors[0], message);
  }
});

test('hashes are those of the platform, by every name, in both forms', async () => {
  const bed = await openBed();
  const input = Buffer.from('a message').toString('base64');
  const sum = async (path: string, body: object = {}): Promise<string> => {
    const told = await bed.root('POST', `sys/tools/hash${path}`, { input, ...body });
    assert.equal(told.status, 200, told.text);
    return told.json.data.sum;
  };
  const wanted = (name: string) => createHash(name).update('a message');
  assert.equal(await sum(''), wanted('sha256').digest('hex'));
  assert.equal(await sum('', { algorithm: 'sha2-512' }), wanted('sha512').digest('hex'));
  assert.equal(await sum('/sha3-256', { algorithm: 'sha2-512' }), wanted('sha3-256').digest('hex'));
  assert.equal(await sum('/sha2-224', { format: 'base64' }), wanted('sha224').digest('base64'));
  for (const size of ['384', '512']) {
    assert.equal(await sum(`/sha2-${size}`), wanted(`sha${size}`).digest('hex'));
    assert.equal(await sum(`/sha3-${size}`), wanted(`sha3-${size}`).digest('hex'));
  }
  assert.equal(await sum('', { input: '' }), createHash('sha256').digest('hex'));
});

test('hash: what is no base64, no hash and no form is refused without a word of it', async () => {
  const bed = await openBed();
  const asked: readonly (readonly [path: string, body: object, message: RegExp])[] = [
    ['', {}, /missing field "input"/],
    ['', { input: 'canary!' }, /^unable to decode input as base64$/],
    ['', { input: 'Y2FuYXJ5', algorithm: 'canary' }, /"algorithm"/],
    ['/md5', { input: 'Y2FuYXJ5' }, /"urlalgorithm"/],
    ['', { input: 'Y2FuYXJ5', format: 'canary' }, /"format"/],
    ['', { input: [1] }, /"input"/],
  ];
  for (const [path, body, message] of asked) {
    const { status, json } = await bed.root('POST', `sys/tools/hash${path}`, body);
    assert.equal(status, 400);
    assert.match(json.errors[0], message);
    assert.ok(!json.errors[0].includes('canary'));
  }
});
