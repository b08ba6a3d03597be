/** Who may call a row: for every row of the store, by every method and pattern, generated from the rows themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAt, closed, everything, noRight, noToken, others, shown, strangers } from './guarding.ts';
import { capabilitiesOf, nameOf, openFull, places, policyPath, tokenWith, type Way, waysOf } from './places.ts';

test('there are rows of sys, tokens and every engine to ask', () => {
  assert.ok(places.length > 150, `${places.length}`);
  assert.deepEqual([...new Set(places.map(({ mount }) => mount))].toSorted(), [
    'auth/kubernetes/',
    'auth/token/',
    'cubbyhole/',
    'one/',
    'secret/',
    'sys/',
  ]);
});

test('without a token, or with one that is none, every row that is not open refuses, and audit says so', async () => {
  const bed = await openFull();
  assert.deepEqual(await others(bed, noToken), []);
  const forged = `${bed.rootToken.slice(0, -1)}${bed.rootToken.endsWith('a') ? 'b' : 'a'}`;
  const strange = [forged, 'cofs.', 'cofb.AAAA', 'x', 'root', ' ', 'a'.repeat(9000), 'cofs.\u00ff', '{}', '\t'];
  for (const token of strange)
    assert.deepEqual(await others(bed, strangers(token), { token }), [], JSON.stringify(token));
});

test('a token that was revoked, has expired or is used up opens nothing', async () => {
  const bed = await openFull();
  const revoked = await tokenWith(bed, everything);
  await bed.root('POST', 'auth/token/revoke', { token: revoked });
  const expired = await tokenWith(bed, everything, { ttl: '1h' });
  const batch = await tokenWith(bed, everything, { ttl: '1h', type: 'batch' });
  const used = await tokenWith(bed, everything, { num_uses: 1 });
  await bed.ask('GET', 'nowhere/at/all', { token: used });
  await bed.clock.advance(3_601_000);
  for (const token of [revoked, expired, batch, used])
    assert.deepEqual(await others(bed, strangers(token), { token }), []);
});

test('a token without rights is refused everywhere, service or batch', async () => {
  const bed = await openFull();
  for (const type of ['service', 'batch']) {
    const token = await tokenWith(bed, 'path "other" { capabilities = ["read"] }', { type });
    assert.deepEqual(await others(bed, noRight, { token }), [], type);
  }
});

test('a token with all capabilities but the one the row needs is refused', async () => {
  const bed = await openFull();
  const all = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'sudo'];
  const found: string[] = [];
  for (const verb of ['read', 'write', 'patch', 'delete', 'list', 'scan']) {
    const of = closed.filter(({ row }) => row.verb === verb);
    const left = all.filter(word => !(of[0] === undefined ? [] : capabilitiesOf(of[0])).includes(word));
    const token = await tokenWith(bed, `path "*" { capabilities = ${JSON.stringify(left)} }`);
    found.push(...(await others(bed, noRight, { of, token })));
  }
  assert.deepEqual(found, []);
});

test('rows that ask for sudo refuse a token with everything else', async () => {
  const bed = await openFull();
  const of = closed.filter(({ row }) => row.access === 'sudo');
  assert.ok(of.length >= 12, `${of.length}`);
  const token = await tokenWith(bed, everything.replace(', "sudo"', ''));
  assert.deepEqual(await others(bed, noRight, { of, token }), []);
});

/** Patterns that name a path: exactly, by prefix, with one segment or all left open. */
const patternsFor = (path: string): readonly string[] => {
  const segments = path.replace(/\/$/, '').split('/');
  const open = segments.map((segment, index) => (index === segments.length - 1 ? '+' : segment)).join('/');
  const first = ['+', ...segments.slice(1)].join('/');
  return [path, `${path.replace(/\/$/, '')}*`, open, first, `${segments.slice(0, -1).join('/')}/*`.replace(/^\//, '')];
};

test('S6: a denied path stays denied by every method, pattern, trailing slash and limit', async () => {
  const found: string[] = [];
  const bed = await openFull();
  for (const place of closed) {
    for (const pattern of new Set([...patternsFor(place.path), ...patternsFor(policyPath(place))])) {
      const token = await tokenWith(bed, `${everything}\npath ${JSON.stringify(pattern)} { capabilities = ["deny"] }`);
      found.push(...(await others(bed, noRight, { of: [place], token })).map(text => `${pattern}: ${text}`));
    }
  }
  assert.deepEqual(found, []);
});

test('S6: deny wins over sudo and over rights of another policy on the same path', async () => {
  const bed = await openFull();
  const paths = [...new Set(closed.flatMap(place => [place.path, policyPath(place)]))];
  const rule = (words: string) => paths.map(path => `path "${path}" { capabilities = [${words}] }`).join('\n');
  await bed.root('PUT', 'sys/policies/acl/allow', { policy: rule('"create","read","update","patch","list","sudo"') });
  await bed.root('PUT', 'sys/policies/acl/forbid', { policy: rule('"deny"') });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['allow', 'forbid'] });
  assert.deepEqual(await others(bed, noRight, { token: made.json.auth.client_token }), []);
});

test('help is told to any token, denied paths included, and to nobody else', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, 'path "*" { capabilities = ["deny"] }');
  const found: string[] = [];
  for (const place of places) {
    const told = await bed.ask('GET', `${place.path}?help=1`, { token });
    if (told.status !== 200 || typeof told.json.help !== 'string') found.push(`${nameOf(place)}: ${shown(told)}`);
    const stranger = await bed.ask('GET', `${place.path}?help=1`);
    if (shown(stranger) !== noToken) found.push(`stranger ${nameOf(place)}: ${shown(stranger)}`);
  }
  assert.deepEqual(found, []);
});

test('help is asked with GET alone: other methods with the same query do what they always do', async () => {
  const bed = await openFull();
  const token = await tokenWith(bed, 'path "*" { capabilities = ["deny"] }');
  const found: string[] = [];
  for (const place of closed) {
    for (const [method, query] of waysOf(place)) {
      if (method === 'GET') continue;
      const told = await askAt(bed, { place, way: [method, `${query === '' ? '?' : `${query}&`}help=1`], token });
      if (shown(told) !== noRight) found.push(`${method} ${nameOf(place)}: ${shown(told)}`);
    }
  }
  assert.deepEqual(found, []);
});

test('a sealed store answers 503 to every row that does not work while sealed', async () => {
  const bed = await openFull({ unauthenticated: true });
  const token = bed.rootToken;
  await bed.core.seal.seal();
  const of = places.filter(({ row }) => !row.whileSealed);
  assert.deepEqual(await others(bed, '503 {"errors":["Vault is sealed"]}', { of, token }), []);
  const found: string[] = [];
  for (const place of places.filter(({ row }) => row.whileSealed)) {
    for (const way of waysOf(place)) {
      const told = await askAt(bed, { place, way });
      const silent = told.text.includes('Vault is sealed') || told.status === 403 || told.status === 404;
      if (silent || (told.status === 503 && !place.path.endsWith('health')))
        found.push(`${nameOf(place)}: ${shown(told)}`);
    }
  }
  assert.deepEqual(found, []);
});

test('no row answers in a namespace that is not there, not even an open one', async () => {
  const bed = await openFull({ unauthenticated: true });
  const token = bed.rootToken;
  for (const namespace of ['team', 'team/', '/team', 'sys', 'root/x', '..', 'root\u00a0']) {
    const headers = { 'x-vault-namespace': namespace };
    const wanted = '404 {"errors":["namespace not found"]}';
    assert.deepEqual(await others(bed, wanted, { of: places, token, headers }), [], namespace);
  }
});

test('verbs a path does not have are 405, paths nobody has are 404, and only for those who may ask', async () => {
  const bed = await openFull();
  const methods: readonly Way[] = [
    ['GET', ''],
    ['POST', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['LIST', ''],
    ['SCAN', ''],
  ];
  const verbs = ['read', 'write', 'patch', 'delete', 'list', 'scan'];
  const known = new Set(places.map(place => `${place.row.verb} ${place.path}`));
  const found: string[] = [];
  for (const path of new Set(places.map(place => place.path))) {
    for (const [index, [method]] of methods.entries()) {
      if (known.has(`${verbs[index]} ${path}`) || (method === 'SCAN' && known.has(`list ${path}`))) continue;
      // A mount may be moved to a path that ends in `tune`: then it must be possible to remove it.
      if (method === 'DELETE' && path.endsWith('/tune')) continue;
      const told = await bed.ask(method, path, {
        token: bed.rootToken,
        body: index === 1 || index === 2 ? {} : undefined,
      });
      if (![400, 404, 405].includes(told.status)) found.push(`${method} ${path}: ${shown(told)}`);
    }
  }
  assert.deepEqual(found, []);
  for (const method of ['TRACE', 'CONNECT', 'get', 'HELP', 'REVOKE', 'RENEW', 'ROLLBACK', 'PROPFIND']) {
    const told = await bed.ask(method, 'sys/mounts', { token: bed.rootToken });
    assert.equal(shown(told), '405 {"errors":[]}', method);
  }
});
