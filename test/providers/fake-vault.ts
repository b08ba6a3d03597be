/** A fake of a server with Vault's API, as far as the provider `vault` asks it: a table of answers and a clock to turn. */
import { enveloped, type FakeAnswer, FakeServer } from '@coffer/client/fake.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';
import { VaultProvider } from '../../packages/server/src/providers/vault/provider.ts';
import type { VaultSettings } from '../../packages/server/src/providers/vault/settings.ts';
import { FakeStreams } from './fake-stream.ts';
import { TestClock } from '../conformance/seal-bed.ts';

export const canaryToken = 'canary-token';

export const fakeSettings: VaultSettings = {
  server: 'http://vault.fake',
  path: 'secret',
  version: 'v2',
  auth: { method: 'token', token: Secret.of(canaryToken) },
  retries: 0,
};

export const versioned = (data: Out): FakeAnswer =>
  enveloped({ data, metadata: { version: 1, deletion_time: '', destroyed: false, custom_metadata: null } });

export const mountOf = (version: '1' | '2', type = 'kv', path = 'secret/'): FakeAnswer =>
  enveloped({ path, type, options: { version } });

export const nothing: FakeAnswer = { status: 404, body: { errors: [] } };
export const refusal = (status: number, ...errors: string[]): FakeAnswer => ({ status, body: { errors } });

export const lookupSelf = 'GET auth/token/lookup-self';

export interface FakeVault {
  readonly server: FakeServer;
  readonly clock: TestClock;
  readonly provider: VaultProvider;
  readonly streams: FakeStreams;
  /** What was logged. */
  readonly lines: readonly string[];
}

export const lineLog = (lines: string[]): Log => ({
  write: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
  with: () => lineLog(lines),
});

/** Says what `secret/data/app` holds, and that it is a versioned mount; the token is good. */
export const fakeVault = (changes: Partial<VaultSettings> = {}): FakeVault => {
  const server = new FakeServer()
    .on(lookupSelf, enveloped({ type: 'service', ttl: 3600 }))
    .on('GET secret/data/app', versioned({ user: 'u', password: 'canary-password' }));
  const clock = new TestClock();
  const streams = new FakeStreams();
  const lines: string[] = [];
  const log = lineLog(lines);
  const provider = new VaultProvider({ ...fakeSettings, ...changes }, { runtime: streams.runtime(server), clock, log });
  return { server, clock, provider, streams, lines };
};
