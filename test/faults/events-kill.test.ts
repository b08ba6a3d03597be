/**
 * F1: the server is killed under writes while somebody follows them. After the restart, whoever goes on where it was is
 * told of every write that was acknowledged, in the order of revisions and none of them twice.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@coffer/client/client.ts';
import type { Followed } from '@coffer/client/events.ts';
import { apiOf, startConfigured, staticSeal } from '../peers/calls.ts';
import { newFolder, type ServerProcess } from '../peers/server.ts';

const rounds = 5;
const writers = 6;
const leastWrites = 30;
const tellLimitMs = 30_000;

const unsealed = async (address: string): Promise<void> => {
  for (let left = 3_000; left > 0; left--) {
    if ((await fetch(`${address}/v1/sys/health`)).status === 200) return;
    await pause(10);
  }
  assert.fail('still sealed');
};

/** Writes until the server is gone: the paths of the writes that were acknowledged. */
const writeOn = async (address: string, token: string, acknowledged: Set<string>): Promise<void> => {
  for (;;) {
    const name = randomBytes(8).toString('hex');
    try {
      const answer = await fetch(`${address}/v1/kept/data/${name}`, {
        method: 'POST',
        headers: { 'X-Vault-Token': token },
        body: JSON.stringify({ data: { value: 'x'.repeat(200) } }),
      });
      await answer.arrayBuffer();
      if (answer.ok) acknowledged.add(`kept/data/${name}`);
    } catch {
      return;
    }
  }
};

interface Told {
  readonly paths: Set<string>;
  readonly revisions: number[];
}

const note = (told: Told, item: Followed): void => {
  assert.equal(item.kind, 'event', 'nothing was compacted');
  if (item.kind !== 'event') return;
  told.paths.add(item.path);
  told.revisions.push(Number(item.revision));
};

/** Follows until `isEnough`, or the server is gone. */
const followOn = async (
  { address, token, told }: { address: string; token: string; told: Told },
  isEnough: () => boolean,
): Promise<void> => {
  const since = told.revisions.at(-1);
  const stop = AbortSignal.timeout(tellLimitMs);
  const gone = new AbortController();
  const options = {
    since: String(since ?? 0),
    signal: AbortSignal.any([stop, gone.signal]),
    onInterrupted: () => gone.abort(),
  };
  for await (const item of createClient({ address, token }).events('kv-v2/data-write', options)) {
    note(told, item);
    if (isEnough()) return;
  }
};

const round = async (server: ServerProcess, token: string, told: Told): Promise<Set<string>> => {
  const acknowledged = new Set<string>();
  const following = followOn({ address: server.address, token, told }, () => false);
  const writing = Array.from({ length: writers }, () => writeOn(server.address, token, acknowledged));
  while (acknowledged.size < leastWrites) await pause(5);
  await pause(randomInt(50));
  assert.equal(await server.stop('SIGKILL'), 'SIGKILL');
  await Promise.all(writing);
  await following;
  return acknowledged;
};

test('F1: who follows and comes back misses no write that was acknowledged', async () => {
  const folder = newFolder();
  const more = staticSeal();
  const told: Told = { paths: new Set(), revisions: [] };
  try {
    let server = await startConfigured({ folder, more });
    const api = apiOf(server.address);
    const made = await api.call('PUT', 'sys/init', { body: { recovery_shares: 1, recovery_threshold: 1 } });
    await unsealed(server.address);
    const token: string = made.root_token;
    await api.call('POST', 'sys/mounts/kept', { token, body: { type: 'kv', options: { version: '2' } }, status: 204 });
    for (let count = 0; count < rounds; count++) {
      const acknowledged = await round(server, token, told);
      server = await startConfigured({ folder, more });
      await unsealed(server.address);
      const missing = (): string[] => [...acknowledged].filter(path => !told.paths.has(path));
      if (missing().length > 0) await followOn({ address: server.address, token, told }, () => missing().length === 0);
      assert.deepEqual(missing(), [], 'every acknowledged write is told');
    }
    const ordered = told.revisions.every((revision, at) => at === 0 || revision > (told.revisions[at - 1] ?? 0));
    assert.ok(ordered, 'in the order of revisions, none twice');
    await server.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
