/** A server with a chained audit file is killed under load, again and again: every answered request is on record, the chain whole. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { apiOf, auditBlock, startConfigured, staticSeal } from '../peers/calls.ts';
import { runCoffer } from '../peers/cli-run.ts';
import { newFolder, type ServerProcess, startServer } from '../peers/server.ts';

const rounds = 6;
const callers = 8;
const leastAnswers = 50;
const busyMs = 400;
const openTurns = 3_000;

interface Load {
  readonly address: string;
  readonly token: string;
}

/** Reads and writes until the server is gone; the ids of the requests that were answered. */
const callOn = async ({ address, token }: Load, answered: string[], caller: number): Promise<void> => {
  for (let at = 0; ; at++) {
    try {
      const isWrite = at % 4 === 0;
      const response = await fetch(`${address}/v1/cubbyhole/key-${caller}`, {
        method: isWrite ? 'POST' : 'GET',
        headers: { 'X-Vault-Token': token },
        ...(isWrite ? { body: JSON.stringify({ at }) } : {}),
      });
      const text = await response.text();
      assert.ok(response.ok, text);
      if (text !== '') answered.push((JSON.parse(text) as { request_id: string }).request_id);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return;
    }
  }
};

const killUnderLoad = async (server: ServerProcess, load: Load): Promise<readonly string[]> => {
  const answered: string[] = [];
  const calling = Promise.all(Array.from({ length: callers }, (_, caller) => callOn(load, answered, caller)));
  while (answered.length < leastAnswers) await Promise.race([calling, pause(5)]);
  await pause(randomInt(busyMs));
  assert.equal(await server.stop('SIGKILL'), 'SIGKILL');
  await calling;
  return answered;
};

const opened = async ({ address }: ServerProcess): Promise<void> => {
  for (let turn = 0; turn < openTurns; turn++) {
    if ((await fetch(`${address}/v1/sys/health`)).status === 200) return;
    await pause(10);
  }
  assert.fail('the server did not open');
};

test('F1: a server killed under load leaves a whole audit chain with every request that it answered', async context => {
  const folder = newFolder();
  let server = await startConfigured({ folder, more: auditBlock(folder) + staticSeal() });
  context.after(async () => {
    await server.stop('SIGKILL');
  });
  const start = (): Promise<ServerProcess> =>
    startServer({
      args: [`-config=${path.join(folder, 'coffer.hcl')}`],
      folder,
      ready: /listening on (http:\/\/[^\s,]+)/,
    });
  const api = apiOf(server.address);
  const made = await api.call('POST', 'sys/init', { body: { recovery_shares: 1, recovery_threshold: 1 } });
  const token: string = made.root_token;
  await opened(server);
  const answered: string[] = [];
  const file = path.join(folder, 'audit.log');
  for (let round = 0; round < rounds; round++) {
    answered.push(...(await killUnderLoad(server, { address: server.address, token })));
    // Half of them rotate while the server is down.
    if (round % 2 === 1) renameSync(file, `${file}.${round}`);
    server = await start();
    await opened(server);
  }
  const files = ['', '.1', '.3', '.5'].map(end => `${file}${end}`);
  const recorded = files.map(one => readFileSync(one, 'utf8')).join('');
  for (const id of answered) assert.ok(recorded.includes(`"type":"response"`) && recorded.includes(id), id);
  const env = { COFFER_ADDR: server.address, COFFER_TOKEN: token };
  const told = await runCoffer(['audit', 'verify', '-format=json', ...files], { home: newFolder(), env });
  assert.equal(told.code, 0, told.out + told.err);
  const { whole, lanes, witness, notes } = JSON.parse(told.out);
  assert.deepEqual([whole, lanes, witness], [true, rounds + 1, 'store']);
  for (const { kind } of notes) assert.match(kind, /^(?:unproven|torn)$/);
  for (const missing of ['.3', '.5']) {
    const some = files.filter(one => !one.endsWith(missing));
    const cut = await runCoffer(['audit', 'verify', ...some], { home: newFolder(), env });
    assert.equal(cut.code, 2, cut.out);
    assert.match(cut.out, /gap: records 1 to \d+ of lane/);
  }
  context.diagnostic(`${answered.length} answered requests over ${rounds} kills; notes: ${notes.length}`);
});
