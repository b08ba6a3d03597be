/** What a token of each sort may not do: for every row, from what the row says of itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bed } from './bed.ts';
import {
  askAt,
  closed,
  everything,
  firstWay,
  linesSince,
  noRight,
  noToken,
  others,
  shown,
  strangers,
} from './guarding.ts';
import { engineMounts, goodBody, nameOf, openFull, type Place, places, tokenWith, waysOf } from './places.ts';

const wrapHeader = { 'x-vault-wrap-ttl': '60' };
const mountsOfPlaces = [...new Set(places.map(({ mount }) => mount))];

/** Paths that only look like those below a mount. */
const lookalikes = (mount: string): readonly string[] => {
  const bare = mount.slice(0, -1);
  return [
    `${bare}x/`,
    `${bare.slice(0, -1)}/`,
    `x/${mount}`,
    mount.toUpperCase(),
    `${bare}%2f`,
    `${bare}.`,
    `+x/${mount}`,
  ];
};

test('rights on all other mounts, and on what only looks like it, open nothing of a mount', async () => {
  const bed = await openFull();
  for (const mount of mountsOfPlaces) {
    const foreign = [...mountsOfPlaces.filter(other => other !== mount), ...lookalikes(mount)];
    const words = everything.slice(everything.indexOf('{'));
    const token = await tokenWith(bed, foreign.map(path => `path ${JSON.stringify(`${path}*`)} ${words}`).join('\n'));
    const of = closed.filter(place => place.mount === mount);
    assert.deepEqual(await others(bed, noRight, { of, token }), [], mount);
  }
});

const answersOf = async (bed: Bed, mount: string, from: string): Promise<readonly string[]> => {
  const reads = places.filter(place => place.mount === from && place.row.pure);
  const told: string[] = [];
  for (const { path, ...rest } of reads) {
    const moved: Place = { ...rest, path: mount + path.slice(from.length) };
    const { status, json } = await askAt(bed, { place: moved, way: firstWay(moved), token: bed.rootToken });
    told.push(`${nameOf(moved)}: ${status} ${JSON.stringify(json?.data)}`);
  }
  return told;
};

/** Asks a row of `from` at `mount`, in every way, with something to keep. */
const doAt = async (bed: Bed, place: Place, mount = place.mount): Promise<void> => {
  const path = mount + place.path.slice(place.mount.length);
  const body = { ...goodBody(place), data: { k: 'canary' } };
  for (const way of waysOf(place)) await bed.ask(way[0], path + way[1], { token: bed.rootToken, body });
};

test('S8: nothing that is done in a mount is seen, or missed, in another of the same engine', async () => {
  for (const { mount, body } of engineMounts) {
    const bed = await openFull();
    const area = mount.startsWith('auth/') ? 'auth/' : '';
    const twin = `${area}twin/`;
    assert.equal((await bed.root('POST', area === '' ? 'sys/mounts/twin' : 'sys/auth/twin', body)).status, 204);
    const own = places.filter(place => place.mount === mount);
    for (const place of [undefined, ...own.filter(({ row }) => row.verb === 'write')]) {
      if (place !== undefined) await doAt(bed, place, twin);
      const before = await answersOf(bed, twin, mount);
      for (const one of own) {
        await doAt(bed, one);
        assert.deepEqual(await answersOf(bed, twin, mount), before, `${nameOf(one)} is seen in the other mount`);
      }
    }
  }
});

const newWrappingToken = async (bed: Bed, format = 'plain'): Promise<string> => {
  const headers = { ...wrapHeader, 'x-vault-wrap-format': format };
  const told = await bed.ask('GET', 'auth/token/lookup-self', { token: bed.rootToken, headers });
  return told.json.wrap_info.token;
};

test('a wrapping token is refused by every row but that which opens it, and is gone once it tried', async () => {
  const bed = await openFull();
  const made: string[] = [];
  const freshToken = async () => {
    const token = await newWrappingToken(bed);
    made.push(token);
    return token;
  };
  const of = closed.filter(({ row }) => !row.wrappingToken);
  assert.ok(of.length < closed.length);
  assert.deepEqual(await others(bed, noRight, { of, freshToken }), []);
  for (const token of made) assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token })).status, 400);
  // A JWT around one is no token of a request at all.
  const jwt = await newWrappingToken(bed, 'jwt');
  assert.match(jwt, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.deepEqual(await others(bed, noToken, { of, token: jwt }), []);
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token: jwt })).status, 200);
});

test('S6: asking for a wrapped answer opens nothing to strangers, or to a token without rights', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, `${everything.replace('"*"', '"other/*"')}\npath "*" { capabilities = ["deny"] }`);
  assert.deepEqual(await others(bed, strangers(undefined), { headers: wrapHeader }), []);
  assert.deepEqual(await others(bed, noRight, { token, headers: wrapHeader }), []);
});

const cannotBeWrapped = '400 {"errors":["this answer cannot be wrapped: leave X-Vault-Wrap-TTL out"]}';

test('every answer that may be wrapped leaves wrapped, without content, or not at all; all others are refused', async () => {
  const found: string[] = [];
  for (const place of places) {
    const bed = await openFull({ unauthenticated: true });
    for (const way of waysOf(place)) {
      const told = await askAt(bed, { place, way, token: bed.rootToken, headers: wrapHeader });
      const said = `${way.join(' ')} ${nameOf(place)}: ${shown(told).slice(0, 300)}`;
      if (!place.row.wrappable) {
        if (shown(told) !== cannotBeWrapped) found.push(said);
        continue;
      }
      const refused = told.status >= 400 && Array.isArray(told.json?.errors) && told.json.data === undefined;
      const wrapped = told.json?.wrap_info?.token?.length > 20 && told.json.data === null && told.json.auth === null;
      if (!(told.status === 204 || (refused && told.status < 500) || wrapped || told.status === 503)) found.push(said);
      if (told.status === 503) await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    }
  }
  assert.deepEqual(found, []);
});

const unsealed = async (bed: Bed): Promise<void> => {
  if (bed.core.seal.sealed) await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
};

test('a batch token with all rights is refused where the row is not for it, and nowhere else', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, everything, { type: 'batch' });
  const of = closed.filter(({ row }) => row.serviceOnly !== undefined);
  assert.ok(of.length >= 8, `${of.length}`);
  const refusal = ({ row }: Place): string => `400 ${JSON.stringify({ errors: [row.serviceOnly] })}`;
  assert.deepEqual(await others(bed, refusal, { of, token }), []);
  const found: string[] = [];
  for (const place of closed.filter(({ row }) => row.serviceOnly === undefined)) {
    const told = await askAt(bed, { place, way: firstWay(place), token });
    if (
      [noRight, noToken].includes(shown(told)) ||
      told.status >= 500 ||
      told.json?.errors?.join().includes('batch') === true
    )
      found.push(`${nameOf(place)}: ${shown(told)}`);
    await unsealed(bed);
  }
  assert.deepEqual(found, []);
  // What was kept by a token that has no name would be kept for all of them.
  const keys = (await bed.storage.range('', { values: false })).map(({ key }) => key);
  assert.deepEqual(
    keys.filter(key => key.includes('//')),
    [],
  );
});

test('a batch token without rights is not told which rows are not for it', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, 'path "*" { capabilities = ["deny"] }', { type: 'batch' });
  assert.deepEqual(
    await others(bed, noRight, { token, of: closed.filter(({ row }) => row.serviceOnly !== undefined) }),
    [],
  );
});

const isAlive = async (bed: Bed, token: string): Promise<boolean> => (await bed.core.tokens.find(token)) !== undefined;

interface Tried {
  readonly name: string;
  readonly policy: string;
  readonly of: readonly Place[];
  readonly raw?: string;
}

const tries: readonly Tried[] = [
  { name: 'asked as it should be', policy: everything, of: closed },
  { name: 'asked without the right', policy: 'path "other" { capabilities = ["read"] }', of: closed },
  {
    name: 'asked with a body that is none',
    policy: everything,
    of: closed.filter(({ row }) => row.body === 'json'),
    raw: '{"a"',
  },
];

for (const { name, policy, of, raw } of tries) {
  test(`a token for one request is good for one: every row, ${name}`, async () => {
    const bed = await openFull();
    await bed.root('PUT', 'sys/policies/acl/limited', { policy });
    const found: string[] = [];
    for (const place of of) {
      const body = { policies: ['limited'], num_uses: 1, no_default_policy: true };
      const token = (await bed.root('POST', 'auth/token/create', body)).json.auth.client_token as string;
      const [method, query] = firstWay(place);
      const sent = raw === undefined ? { body: goodBody(place) } : { raw };
      const first = await bed.ask(method, place.path + query, { token, ...sent });
      await unsealed(bed);
      // A token that is not found is refused in other words than one without rights.
      if (shown(first) === noToken || (policy === everything && shown(first) === noRight))
        found.push(`${nameOf(place)}, first: ${shown(first)}`);
      const second = await askAt(bed, { place, way: firstWay(place), token });
      const expected = strangers(token)(place);
      if (shown(second) !== expected || (await isAlive(bed, token))) found.push(`${nameOf(place)}: ${shown(second)}`);
    }
    assert.deepEqual(found, []);
  });
}

test('a token for one request is spent by a path or a verb that nobody has, and by help, not by an open row', async () => {
  const bed = await openFull({ unauthenticated: true });
  const spent: readonly (readonly [method: string, path: string])[] = [
    ['GET', 'nowhere/at/all'],
    ['PATCH', 'sys/mounts'],
    ['GET', 'sys/mounts?help=1'],
    ['POST', 'one/x/'],
  ];
  for (const [method, path] of spent) {
    const token = await tokenWith(bed, everything, { num_uses: 1 });
    const told = await bed.ask(method, path, { token, body: method === 'GET' ? undefined : {} });
    assert.equal(await isAlive(bed, token), method === 'POST', `${method} ${path}: ${shown(told)}`);
  }
  for (const place of places.filter(({ row }) => row.access === 'open' && !row.headers.includes('x-vault-token'))) {
    const token = await tokenWith(bed, everything, { num_uses: 1 });
    await askAt(bed, { place, way: firstWay(place), token });
    await unsealed(bed);
    assert.ok(await isAlive(bed, token), nameOf(place));
  }
});

test('a sealed store tells no caller more than that, and neither that nor an unknown namespace is on record', async () => {
  const bed = await openFull({ unauthenticated: true });
  const token = await tokenWith(bed, everything);
  const wrapping = await newWrappingToken(bed);
  const before = bed.audited.length;
  await others(bed, '', { of: places, token, headers: { 'x-vault-namespace': 'none' }, once: true });
  await bed.core.seal.seal();
  const of = places.filter(({ row }) => !row.whileSealed);
  const sealed = '503 {"errors":["Vault is sealed"]}';
  for (const one of [undefined, token, wrapping, 'none'])
    for (const headers of [{}, wrapHeader])
      assert.deepEqual(await others(bed, sealed, { of, headers, ...(one === undefined ? {} : { token: one }) }), []);
  assert.deepEqual(linesSince(bed, before), []);
});
