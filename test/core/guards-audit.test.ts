/** Every row leaves its two records, or is on the golden list: what they name, what they must not show, what happens without them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Bed, Told } from './bed.ts';
import { askAt, firstWay, linesSince, misnamed } from './guarding.ts';
import { goodBody, nameOf, openFull, type Place, places, type Way, waysOf } from './places.ts';

const golden = new Set(
  readFileSync(new URL('../golden/unaudited-rows.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
);
/** As the golden list names a row. */
const listedName = ({ row, mount }: Place): string => `${row.verb} ${mount}${row.path}`;
const onTheList = (place: Place): boolean => golden.has(listedName(place));
const unsealed = async (bed: Bed): Promise<void> => {
  if (bed.core.seal.sealed) await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
};

interface Asked {
  readonly bed: Bed;
  readonly place: Place;
  readonly way: Way;
}

/** What is wrong with the records of one request that was let in. */
const faultsOf = async ({ bed, place, way }: Asked): Promise<readonly string[]> => {
  const before = bed.audited.length;
  const told = await askAt(bed, { place, way, token: bed.rootToken });
  const lines = linesSince(bed, before);
  if (place.row.audit === 'none') return lines.length === 0 ? [] : ['recorded, though its row says it is not'];
  const types = lines.map(({ type }) => type).join(' ');
  if (types !== 'request response') return [`recorded as "${types}" with ${told.status}`];
  const [request, response] = lines;
  const reason = (told.json?.errors as readonly string[] | undefined)?.[0];
  return [
    ...lines.flatMap(line => misnamed(line, place)),
    ...(request?.request.id === response?.request.id ? [] : ['two requests on record']),
    ...((reason ?? response?.error) === response?.error ? [] : [`recorded with the reason ${response?.error}`]),
    ...shownIn(bed.audited.slice(before).join('\n'), [bed.rootToken, ...secretsIn(told, place)]),
  ];
};

/** Texts that the row's answer holds in fields that it declares secret, and every token. */
const secretsIn = ({ json, text }: Told, { row }: Place): readonly string[] => {
  const fields = Object.entries(row.out).filter(([, { kind }]) => kind.secret);
  const values = fields.flatMap(([name]) => [json?.data?.[name], json?.[name]]).flat() as readonly unknown[];
  return [
    ...values.filter((value): value is string => typeof value === 'string' && value.length > 5),
    ...(text.match(/cof[sbr]\.[\w-]{20,}/g) ?? []),
  ];
};

const shownIn = (records: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter(one => records.includes(one)).map(one => `${one.slice(0, 4)}… stands in the record`);

test('every row that is let in leaves a request and a response under its own name, or stands in the golden list', async () => {
  const found: string[] = [];
  for (const place of places) {
    if (onTheList(place) !== (place.row.audit !== 'full')) found.push(`${nameOf(place)}: not as the list says`);
    const bed = await openFull({ unauthenticated: true });
    for (const way of waysOf(place)) {
      const faults = await faultsOf({ bed, place, way });
      found.push(...faults.map(what => `${way.join(' ')} ${nameOf(place)}: ${what}`));
      await unsealed(bed);
    }
  }
  assert.deepEqual(found, []);
});

const canary = 'canary-0815-audit';

/** Where texts go into a body: everywhere, as one by one they might be refused by another field. */
const bodiesWith = (place: Place): readonly object[] => {
  const names = Object.keys(place.row.in);
  const good = goodBody(place) ?? {};
  return [
    Object.fromEntries(names.map(name => [name, canary])),
    ...names.map(name => ({ ...good, [name]: canary })),
    ...names.map(name => ({ ...good, [name]: { deep: [canary, { er: canary }] } })),
    { ...good, [`unknown`]: canary },
  ];
};

test('S11, S12: nothing that is sent in a body stands in the data of its record, taken or refused', async () => {
  const found: string[] = [];
  for (const place of places.filter(({ row }) => row.body === 'json' && row.audit !== 'none')) {
    const bed = await openFull({ unauthenticated: true });
    for (const body of bodiesWith(place)) {
      const before = bed.audited.length;
      await bed.ask(firstWay(place)[0], place.path, { token: bed.rootToken, body });
      const lines = bed.audited.slice(before).map(line => JSON.parse(line) as { request: { data?: unknown } });
      if (lines.some(({ request }) => JSON.stringify(request.data ?? '').includes(canary)))
        found.push(`${nameOf(place)}: ${JSON.stringify(body)}`);
      await unsealed(bed);
    }
  }
  assert.deepEqual(found, []);
});

test('F3: where no device takes a record nothing is answered, but by the rows on the golden list', async () => {
  const found: string[] = [];
  const failed = /audit|outcome/;
  for (const place of places) {
    let dead = false;
    const write = async (): Promise<void> => {
      if (dead) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    const bed = await openFull({ unauthenticated: true, sink: { write } });
    dead = true;
    for (const way of waysOf(place)) {
      const told = await askAt(bed, { place, way, token: bed.rootToken });
      const refused = told.status === 500 && failed.test(told.text);
      // Of some the request must be on record, and the answer leaves all the same.
      const goesOn = onTheList(place) && place.row.audit !== 'request';
      if (refused === goesOn) found.push(`${way.join(' ')} ${nameOf(place)}: ${told.status} ${told.text}`);
      await unsealed(bed);
    }
  }
  assert.deepEqual(found, []);
});
