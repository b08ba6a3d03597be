/** hvac, the Python client: its everyday calls against a new store. The calls are in `hvac_everyday.py`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { need } from '../counterparts/counterpart.ts';
import { hvac } from '../counterparts/hvac.ts';
import { startFreshServer } from './server.ts';

const run = promisify(execFile);
const python = need(hvac);
const limitMs = 120_000;

test("hvac's everyday calls", { skip: python.skip }, async () => {
  const server = await startFreshServer();
  try {
    const script = path.join(import.meta.dirname, 'hvac_everyday.py');
    const { stdout } = await run(python.path, [script, server.address], { timeout: limitMs });
    assert.match(stdout, /all calls answered as they should/);
  } finally {
    await server.stop();
  }
});
