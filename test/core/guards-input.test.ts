/**
 * Whatever is sent to whichever field of whichever row: never a failure of the server's own, never an answer that is not
 * JSON, never a value in a refusal. Values come from the kinds themselves, good and bad; the seed is fixed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bed, Told } from './bed.ts';
import { goodBody, nameOf, openFull, type Place, places, tokenWith, waysOf } from './places.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 0x5eed);
const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 12);
const canary = 'canary-4711-value';
const bigInteger = '8019210420527506405';

/** A xorshift: the same choices on every run. */
const picker = (): (<V>(choices: readonly V[]) => V) => {
  let state = seed || 1;
  return choices => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return choices[(state >>> 0) % choices.length] as never;
  };
};

/** Fields whose value is a name, which messages may repeat. */
const names: ReadonlySet<string> = new Set(['type', 'from', 'to', 'policies', 'policy', 'entity_alias', 'plugin_name']);

const written = places.filter(({ row }) => row.verb === 'write' || row.verb === 'patch');
const leaves = (place: Place): boolean => /^sys\/seal$|revoke-self$/.test(place.path);

const problems = (told: Told, place: Place): readonly string[] => {
  const found: string[] = [];
  if (told.status >= 500 && told.status !== 503) found.push(`status ${told.status}: ${told.text}`);
  const empty = told.status === 204;
  const isBytes = place.row.answer === 'stream' && told.status === 200;
  if (!isBytes && empty !== (told.text === '')) found.push(`status ${told.status} with a body of ${told.text.length}`);
  if (!empty && !isBytes && told.json === undefined) found.push('no JSON');
  if (told.status >= 400 && !Array.isArray(told.json?.errors) && told.json?.request_id === undefined)
    found.push(`neither errors nor an envelope: ${told.text}`);
  if (told.status >= 400 && (told.text.includes(canary) || told.text.includes(bigInteger)))
    found.push(`shows the value: ${told.text}`);
  return found.map(what => `${nameOf(place)}: ${what}`);
};

const send = (bed: Bed, place: Place, raw: string): Promise<Told> =>
  bed.ask(waysOf(place)[0]?.[0] ?? 'POST', place.path, { token: bed.rootToken, raw });

/** One store for all; opened anew where a row has closed it. */
const overAll = async (each: (bed: Bed, place: Place) => Promise<readonly string[]>): Promise<readonly string[]> => {
  const bed = await openFull({ unauthenticated: true });
  const found: string[] = [];
  for (const place of written.filter(one => !leaves(one))) found.push(...(await each(bed, place)));
  assert.deepEqual(
    bed.logged.filter(line => line.includes('bug') || line.includes(canary)),
    [],
  );
  return found;
};

test('every field takes or refuses what its kind can think of', async () => {
  const pick = picker();
  const found = await overAll(async (bed, place) => {
    const all: string[] = [];
    for (const [name, { kind }] of Object.entries(place.row.in)) {
      for (let round = 0; round < rounds; round++) {
        const body = { ...goodBody(place), [name]: kind.arbitrary(pick) };
        all.push(...problems(await send(bed, place, JSON.stringify(body)), place));
      }
    }
    return all;
  });
  assert.deepEqual(found, []);
});

const wrong: readonly string[] = [
  `"${canary}"`,
  `["${canary}"]`,
  `{"${canary}":"${canary}"}`,
  `[{"a":"${canary}"}]`,
  bigInteger,
  `-${bigInteger}`,
  `[${bigInteger}]`,
  `"${bigInteger}"`,
  '1e999',
  'null',
  'true',
  '""',
];

test('S11: no field says what was sent to it, of the wrong type, too large, or unknown', async () => {
  const found = await overAll(async (bed, place) => {
    const all: string[] = [];
    for (const name of Object.keys(place.row.in).filter(one => !names.has(one))) {
      for (const value of wrong) {
        const others = Object.entries(goodBody(place) ?? {}).filter(([other]) => other !== name);
        const members = [
          ...others.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`),
          `"${name}":${value}`,
        ];
        all.push(...problems(await send(bed, place, `{${members.join(',')}}`), place));
      }
    }
    return all;
  });
  assert.deepEqual(found, []);
});

const broken: readonly string[] = [
  `{"a":"${canary}"`,
  `{"a":"${canary}","a":"${canary}"}`,
  `{"__proto__":"${canary}"}`,
  `"${canary}"`,
  `["${canary}"]`,
  canary,
  `{"a":${bigInteger}x}`,
  `{"a":"${canary}\\q"}`,
  '\u0000',
  '[',
];

test('S11: a body that is no JSON object is refused by every row, without a word of it', async () => {
  const found = await overAll(async (bed, place) => {
    const all: string[] = [];
    for (const raw of broken) {
      const told = await send(bed, place, raw);
      all.push(...problems(told, place), ...(told.status === 400 ? [] : [`${nameOf(place)}: ${told.status}`]));
    }
    return all;
  });
  assert.deepEqual(found, []);
});

test('a stranger is told nothing of what is wrong with a body, nor is a token without rights', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, 'path "other" { capabilities = ["read"] }');
  const found: string[] = [];
  for (const place of written.filter(({ row }) => row.access !== 'open')) {
    const fields = Object.keys(place.row.in).map(name => `{"${name}":[[]]}`);
    for (const raw of [...broken, ...fields, '{}', '']) {
      const stranger = await bed.ask(waysOf(place)[0]?.[0] ?? 'POST', place.path, { raw });
      const other = await bed.ask(waysOf(place)[0]?.[0] ?? 'POST', place.path, { raw, token });
      if (stranger.status !== 403 || other.status !== 403)
        found.push(`${nameOf(place)} ${raw}: ${stranger.status} ${other.status}`);
    }
  }
  assert.deepEqual(found, []);
});

test('queries of reads, lists and deletions are taken or refused like bodies', async () => {
  const pick = picker();
  const bed = await openFull({ unauthenticated: true });
  const found: string[] = [];
  for (const place of places.filter(({ row }) => row.verb !== 'write' && row.verb !== 'patch')) {
    const method = waysOf(place)[0]?.[0] ?? 'GET';
    for (const name of new Set([...Object.keys(place.row.in), 'limit', 'unknown'])) {
      const odd: unknown = place.row.in[name]?.kind.arbitrary(pick) ?? 0;
      const values = [canary, bigInteger, '', '-1', '%00', 'a,b', JSON.stringify(odd)];
      for (const value of values) {
        const query = `${name}=${encodeURIComponent(value)}`;
        const told = await bed.ask(method, `${place.path}?${query}`, { token: bed.rootToken });
        if (method !== 'HEAD') found.push(...problems(told, place));
      }
    }
  }
  assert.deepEqual(found, []);
});

test('parameters in the path are taken or refused, and never become another path', async () => {
  const bed = await openFull({ unauthenticated: true });
  const found: string[] = [];
  for (const place of places.filter(({ path }) => path.includes('some') && !leaves({ path } as Place))) {
    for (const text of [
      '%20',
      'a%20',
      'ROOT',
      '%ef%bd%92oot',
      '__proto__',
      'constructor',
      '*',
      '+',
      'x'.repeat(2000),
    ]) {
      const method = waysOf(place)[0]?.[0] ?? 'GET';
      const body = goodBody(place);
      const told = await bed.ask(method, place.path.replace('some', text), { token: bed.rootToken, body });
      found.push(...problems(told, place));
    }
  }
  assert.deepEqual(found, []);
});
