/** Every operation on a store's keys, as the people who hold them ask: init, unseal, rotation, rekeying, new root tokens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noteRefused } from '../coverage/observe.ts';
import { type Answer, type Api, apiOf, assertEnvelope, initialise, startConfigured, staticSeal } from './calls.ts';
import type { ServerProcess } from './server.ts';

const unauthenticated = 'disable_unauthed_rekey_endpoints = false\n  disable_unauthed_generate_root_endpoints = false';

let server: ServerProcess;
let api: Api;
let keys: readonly string[] = [];

before(async () => {
  server = await startConfigured({ listener: unauthenticated });
  api = apiOf(server.address);
});

after(async () => {
  await server.stop();
});

test('a new store says that it is neither initialised nor open', async () => {
  assert.deepEqual(await api.call('GET', 'sys/init'), { initialized: false });
  const status = await api.call('GET', 'sys/seal-status');
  assert.deepEqual([status.type, status.initialized, status.sealed, status.t, status.n], ['shamir', false, true, 0, 0]);
  assert.deepEqual([status.cluster_name, status.recovery_seal, status.migration], [undefined, false, false]);
  assert.match(status.version, /^2\.6\.2\+coffer\./);
  await api.call('GET', 'sys/health', { status: 501 });
  const health = await api.call('GET', 'sys/health?uninitcode=299', { status: 299 });
  assert.deepEqual([health.initialized, health.sealed, health.standby], [false, true, true]);
  await api.call('HEAD', 'sys/health', { status: 501 });
  const leader = await api.call('GET', 'sys/leader');
  assert.equal(leader.ha_enabled, false);
});

test('init makes shares once, within limits', async () => {
  const refusals: readonly (readonly [body: object, message: RegExp])[] = [
    [{ secret_shares: 5, secret_threshold: 6 }, /threshold/],
    [{ secret_shares: 2, secret_threshold: 1 }, /threshold/],
    [{ secret_shares: 256, secret_threshold: 3 }, /shares/],
    [{ secret_shares: 0, secret_threshold: 1 }, /./],
    [{ secret_shares: -1, secret_threshold: -1 }, /./],
    [{ secret_shares: 1, secret_threshold: 1, recovery_shares: 1 }, /not applicable to seal type shamir/],
    [{ secret_shares: 1, secret_threshold: 1, pgp_keys: ['x'] }, /pgp/i],
  ];
  for (const [body, message] of refusals) {
    const told = await api.call('POST', 'sys/init', { body, status: 400 });
    assert.match(told.errors[0], message, JSON.stringify(body));
  }
  const made = await api.call('PUT', 'sys/init', { body: { secret_shares: 5, secret_threshold: 3 } });
  assert.deepEqual(Object.keys(made).toSorted(), ['keys', 'keys_base64', 'root_token']);
  assert.deepEqual([made.keys.length, made.keys_base64.length], [5, 5]);
  for (const [index, key] of made.keys.entries())
    assert.equal(Buffer.from(key, 'hex').toString('base64'), made.keys_base64[index]);
  const again = await api.call('POST', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 }, status: 400 });
  assert.deepEqual(again.errors, ['Vault is already initialized']);
  keys = [made.keys[0], ...made.keys_base64.slice(1)];
  api.token = made.root_token;
  await api.call('GET', 'sys/health', { status: 503 });
});

test('unseal counts shares, takes hex and base64, resets, and tells wrong ones', async () => {
  const unseal = (body: object, status = 200) => api.call('POST', 'sys/unseal', { body, status });
  assert.match((await unseal({}, 400)).errors[0], /^'key' must be specified in request body as JSON, or 'reset' set/);
  const first = await unseal({ key: keys[0] });
  assert.deepEqual([first.sealed, first.progress, first.t, first.n], [true, 1, 3, 5]);
  assert.match(first.nonce, /^[0-9a-f-]{36}$/);
  assert.equal((await unseal({ key: keys[0] })).progress, 1);
  const reset = await unseal({ reset: true });
  assert.deepEqual([reset.progress, reset.nonce], [0, '']);
  const wrong = Buffer.alloc(33, 7).toString('base64');
  await unseal({ key: keys[1] });
  await unseal({ key: keys[2] });
  assert.deepEqual((await unseal({ key: wrong }, 400)).errors, ['Unseal failed, invalid key']);
  // S14: only the false share is forgotten, so that nobody without shares can keep those who have them away.
  assert.equal((await api.call('GET', 'sys/seal-status')).progress, 2);
  assert.match((await unseal({ key: 'zz' }, 400)).errors[0], /./);
  const open = await api.call('PUT', 'sys/unseal', { body: { key: keys[3] } });
  assert.deepEqual([open.sealed, open.progress, typeof open.cluster_id], [false, 0, 'string']);
  assert.equal((await unseal({ key: keys[0] })).sealed, false);
  assert.deepEqual((await unseal({ reset: true }, 400)).errors, ['vault is unsealed']);
});

test('health says what is so, with the codes asked for', async () => {
  const health = await api.call('GET', 'sys/health?standbyok=true&perfstandbyok=true');
  assert.deepEqual([health.initialized, health.sealed, health.standby], [true, false, false]);
  assert.deepEqual([health.replication_dr_mode, health.performance_standby], ['disabled', false]);
  assert.ok(Number.isInteger(health.server_time_utc));
  await api.call('GET', 'sys/health?activecode=204', { status: 204 });
  await api.call('GET', 'sys/health?activecode=x', { status: 400 });
  await api.call('HEAD', 'sys/health');
});

test('step-down finds nobody to lead instead, says so, and the store serves on', async () => {
  const told = await api.call('PUT', 'sys/step-down');
  assert.match(told.warnings[0], /only node/);
  assert.equal((await api.call('GET', 'sys/health')).sealed, false);
});

test('the key term is shown, rotated and configured under old and new names', async () => {
  const status = await api.call('GET', 'sys/key-status');
  assertEnvelope(status);
  assert.equal(status.term, 1);
  assert.deepEqual([status.data.term, typeof status.data.encryptions], [1, 'number']);
  assert.ok(!Number.isNaN(Date.parse(status.install_time)));
  await api.call('POST', 'sys/rotate', { status: 204 });
  await api.call('PUT', 'sys/rotate/keyring', { status: 204 });
  assert.equal((await api.call('GET', 'sys/key-status')).data.term, 3);
  const config = await api.call('GET', 'sys/rotate/config');
  assert.deepEqual(config.data, { enabled: true, max_operations: 3_865_470_566, interval: 0 });
  await api.call('POST', 'sys/rotate/config', { body: { max_operations: 2_000_000, interval: '48h' }, status: 204 });
  assert.deepEqual((await api.call('GET', 'sys/rotate/keyring/config')).data, {
    enabled: true,
    max_operations: 2_000_000,
    interval: 172_800,
  });
  await api.call('POST', 'sys/rotate/keyring/config', { body: { interval: '1h' }, status: 400 });
  await api.call('POST', 'sys/rotate/keyring/config', { body: { interval: 0, enabled: false }, status: 204 });
});

interface Rekeying {
  readonly base: string;
  /** What stands in `data` where a token is asked for, at the top where none is. */
  readonly inside: (answer: Answer) => Answer;
  readonly token: string | undefined;
  readonly shares: readonly string[];
  readonly on: Api;
}

/** Through all operations of one rekeying, with verification; answers the new shares. */
const rekeyed = async ({ base, inside, token, shares, on }: Rekeying): Promise<readonly string[]> => {
  const call = async (method: string, path: string, body?: object) =>
    inside(await on.call(method, `sys/${base}/${path}`, { token, body }));
  const refused = (method: string, path: string, body?: object) =>
    on.call(method, `sys/${base}/${path}`, { token, body, status: 400 });
  const idle = await call('GET', 'init');
  assert.deepEqual([idle.started, idle.n, idle.t, idle.nonce, idle.required], [false, 0, 0, '', shares.length]);
  await refused('GET', 'verify');
  const wanted = { secret_shares: 3, secret_threshold: 2, require_verification: true };
  const started = await call('POST', 'init', wanted);
  assert.deepEqual([started.started, started.n, started.t, started.progress], [true, 3, 2, 0]);
  await refused('POST', 'init', wanted);
  await refused('POST', 'update', { key: shares[0], nonce: 'another' });
  await on.call('DELETE', `sys/${base}/init`, { token, status: 204 });
  const { nonce } = await call('PUT', 'init', wanted);
  let done: Answer;
  for (const key of shares) done = await call('POST', 'update', { key, nonce });
  assert.deepEqual([done.complete, done.keys.length, done.verification_required], [true, 3, true]);
  const waiting = await call('GET', 'verify');
  assert.deepEqual([waiting.nonce, waiting.progress], [done.verification_nonce, 0]);
  await call('POST', 'verify', { key: done.keys[0], nonce: done.verification_nonce });
  await on.call('DELETE', `sys/${base}/verify`, { token, status: 204 });
  const again = (await call('GET', 'verify')).nonce;
  await call('POST', 'verify', { key: done.keys[0], nonce: again });
  const verified = await call('PUT', 'verify', { key: done.keys_base64[2], nonce: again });
  assert.equal(verified.complete, true);
  return done.keys;
};

const inData = (answer: Answer): Answer => {
  if (answer !== undefined) assertEnvelope(answer);
  return answer?.data;
};
const bare = (answer: Answer): Answer => {
  assert.ok(answer === undefined || !Object.hasOwn(answer, 'request_id'));
  return answer;
};

test('shares are replaced with a token under rotate/root and without one under rekey', async () => {
  const { token } = api;
  keys = await rekeyed({ base: 'rotate/root', inside: inData, token, shares: keys.slice(0, 3), on: api });
  keys = await rekeyed({ base: 'rekey', inside: bare, token: '', shares: keys.slice(0, 2), on: api });
  const refused = await api.call('GET', 'sys/rekey-recovery-key/init', { token: '', status: 400 });
  assert.match(refused.errors[0], /unseal keys/);
  const people = await api.call('POST', 'sys/rotate/root', { status: 400 });
  assert.match(people.errors[0], /rotate\/root\/init/);
});

test('shares are never backed up: there is nothing to show, and deleting it succeeds', async () => {
  for (const path of ['rekey/backup', 'rekey/recovery-key-backup', 'rotate/root/backup', 'rotate/recovery/backup']) {
    const told = await api.call('GET', `sys/${path}`, { status: 404 });
    assert.deepEqual(told.errors, ['no backed-up keys found']);
    noteRefused({ method: 'GET', target: `/v1/sys/${path}` });
    await api.call('DELETE', `sys/${path}`, { status: 204 });
  }
});

interface Generating {
  readonly base: string;
  readonly inside: (answer: Answer) => Answer;
  readonly token: string | undefined;
}

const rootGenerated = async ({ base, inside, token }: Generating): Promise<string> => {
  const call = async (method: string, path: string, body?: object) =>
    inside(await api.call(method, `sys/${base}/${path}`, { token, body }));
  const idle = await call('GET', 'attempt');
  assert.deepEqual([idle.started, idle.progress, idle.required, idle.complete], [false, 0, 2, false]);
  const started = await call('POST', 'attempt');
  assert.equal(started.otp.length, started.otp_length);
  assert.equal((await call('GET', 'attempt')).otp, '');
  await api.call('DELETE', `sys/${base}/attempt`, { token, status: 204 });
  await api.call('POST', `sys/${base}/attempt`, { token, body: { otp: 'short' }, status: 400 });
  const { nonce, otp } = await call('PUT', 'attempt');
  await api.call('POST', `sys/${base}/update`, { token, body: { key: keys[0], nonce: 'other' }, status: 400 });
  await call('POST', 'update', { key: keys[0], nonce });
  const done = await call('PUT', 'update', { key: keys[1], nonce });
  assert.deepEqual([done.complete, done.encoded_token], [true, done.encoded_root_token]);
  const decoded = await api.call('POST', 'sys/decode-token', {
    token: '',
    body: { encoded_token: done.encoded_token, otp },
  });
  const byHand = Buffer.from(done.encoded_token, 'base64').map((byte, at) => byte ^ otp.charCodeAt(at));
  assert.equal(decoded.data.token, byHand.toString());
  return decoded.data.token;
};

test('a quorum makes a root token, with a token and without', async () => {
  const asked = await rootGenerated({ base: 'generate-root-token', inside: inData, token: api.token });
  const open = await rootGenerated({ base: 'generate-root', inside: bare, token: '' });
  for (const token of [asked, open]) {
    const self = await api.call('GET', 'auth/token/lookup-self', { token });
    assert.deepEqual([self.data.policies, self.data.ttl, self.data.expire_time], [['root'], 0, null]);
  }
});

test('seal closes the store; the new shares open it and the old ones do not', async () => {
  await api.call('POST', 'sys/seal', { status: 204 });
  assert.deepEqual(await api.call('GET', 'sys/mounts', { status: 503 }), { errors: ['Vault is sealed'] });
  await api.call('GET', 'sys/health?sealedcode=298', { status: 298 });
  for (const key of keys.slice(0, 2)) await api.call('POST', 'sys/unseal', { body: { key } });
  assert.equal((await api.call('GET', 'sys/key-status')).data.term, 3);
});

test('without leave, rekeying and new root tokens ask for a token', async () => {
  const other = await startConfigured();
  try {
    const closed = apiOf(other.address);
    await initialise(closed);
    for (const [method, path] of [
      ['GET', 'sys/rekey/init'],
      ['POST', 'sys/rekey/init'],
      ['DELETE', 'sys/rekey/init'],
      ['GET', 'sys/rekey/verify'],
      ['GET', 'sys/rekey-recovery-key/init'],
      ['GET', 'sys/generate-root/attempt'],
      ['POST', 'sys/generate-root/attempt'],
      ['DELETE', 'sys/generate-root/attempt'],
    ] as const) {
      const told = await closed.call(method, path, { token: '', status: 405 });
      assert.deepEqual(told.errors, ['unsupported operation'], `${method} ${path}`);
    }
  } finally {
    await other.stop();
  }
});

test('a seal that opens by itself has recovery keys, which are replaced like shares', async () => {
  const other = await startConfigured({ more: staticSeal(), listener: unauthenticated });
  try {
    const own = apiOf(other.address);
    await own.call('POST', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 }, status: 400 });
    const made = await own.call('POST', 'sys/init', { body: { recovery_shares: 2, recovery_threshold: 2 } });
    assert.deepEqual([made.keys, made.recovery_keys.length, made.recovery_keys_base64.length], [[], 2, 2]);
    own.token = made.root_token;
    const status = await own.call('GET', 'sys/seal-status');
    assert.deepEqual([status.type, status.sealed, status.recovery_seal], ['static', false, true]);
    const given = { inside: inData, token: own.token, on: own };
    const shares = await rekeyed({ ...given, base: 'rotate/recovery', shares: made.recovery_keys });
    await rekeyed({ base: 'rekey-recovery-key', inside: bare, token: '', shares: shares.slice(0, 2), on: own });
    await own.call('POST', 'sys/rotate/root', { status: 204 });
    assert.equal((await own.call('GET', 'sys/seal-status')).sealed, false);
  } finally {
    await other.stop();
  }
});
