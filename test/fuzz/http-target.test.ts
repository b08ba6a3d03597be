/** The canonicaliser against an obvious and slow one, and what must hold for every path that it accepts (S5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { apiPath, parseTarget } from '@coffer/server/core/request/target.ts';
import { seededDice } from './http-dice.ts';
import { targetPieces } from './target-pieces.ts';

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 30_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 0x5eed);

const unprintable = /\p{C}|\p{Zl}|\p{Zp}/u;
const strangeSpace = /\p{Zs}/u;

/** The path a raw target means, or the code of its refusal: one rule after the other, on split strings. */
function obvious(raw: string): string {
  if (!raw.startsWith('/')) return 'malformed_target';
  if (!raw.startsWith('/v1/')) return 'not_found';
  const [rawPath = '', ...rest] = raw.slice(4).split('?');
  const path = obviouslyDecoded(rawPath);
  if (path === '') return 'not_found';
  if (path === undefined || obviouslyDecoded(rest.join('?')) === undefined) return 'malformed_target';
  const segments = path.split('/');
  if (segments.at(-1) === '') segments.pop();
  if (segments.some(segment => segment === '' || segment === '.' || segment === '..')) return 'malformed_target';
  const characters = Array.from(path);
  if (characters.some(character => unprintable.test(character))) return 'malformed_target';
  if (characters.some(character => character !== ' ' && strangeSpace.test(character))) return 'malformed_target';
  return `path ${path}`;
}

function obviouslyDecoded(raw: string): string | undefined {
  if (Array.from(raw).some(byte => byte <= ' ' || byte === '#' || byte === '\x7f' || byte > '\xff')) return undefined;
  try {
    return decodeURIComponent(raw.replace(/[\x80-\xff]/g, byte => encodeByte(byte)));
  } catch {
    return undefined;
  }
}

const encodeByte = (byte: string): string => `%${byte.charCodeAt(0).toString(16)}`;

function actual(raw: string): string {
  try {
    return `path ${parseTarget(raw).path}`;
  } catch (error) {
    assert.ok(error instanceof CofferError, `${JSON.stringify(raw)}: ${String(error)}`);
    return error.code;
  }
}

test('S5: the canonicaliser and an obvious one agree on generated targets', () => {
  const dice = seededDice(seed);
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    const start = dice.chance(20) ? dice.pick(['', '/', '/v1', '*', '/v2/', 'http://h/v1/']) : '/v1/';
    const raw = start + Array.from({ length: dice.below(9) }, () => dice.pick(targetPieces)).join('');
    const found = actual(raw);
    // A query may be refused for the names in it, which the obvious reading leaves out.
    if (raw.includes('?') && found === 'malformed_target') continue;
    assert.equal(found, obvious(raw), `seed ${seed}, round ${round}: ${JSON.stringify(raw)}`);
    if (!found.startsWith('path ')) continue;
    accepted++;
    holds(found.slice(5), `seed ${seed}, round ${round}`);
  }
  assert.ok(accepted > rounds / 20, `only ${accepted} accepted`);
});

function holds(path: string, where: string): void {
  assert.equal(apiPath(path), path, where);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  assert.equal(parseTarget(`/v1/${encoded}`).path, path, where);
  assert.ok(!`/${path}`.includes('//') && !/(?:^|\/)\.\.?(?:\/|$)/.test(path) && !unprintable.test(path), where);
}
