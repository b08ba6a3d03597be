/** `npm run cluster`: says how to reach it, lets pods run, and leaves nothing when it ends. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../run/environment.ts';
import { needCluster } from './cluster/cluster.ts';
import { listening } from './listening.ts';

const run = promisify(execFile);
/** Long enough that the first has been heard, and not all has ended. */
const secondSignalMs = 50;
const pod = ['run', 'a', '--image=nowhere/a', '--restart=Never'];

test('it says what it is, runs pods without nodes, and goes with all that is in it', {
  skip: needCluster.skip,
}, async () => {
  const script = path.join(root, 'test/peers/cluster/run.ts');
  const child = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const { address: kubeconfig, said, ended } = await listening(child, /export KUBECONFIG=(\S+)[\s\S]*# kubectl/);
  try {
    assert.match(said(), /control plane runs at https:\/\/127\.0\.0\.1:\d+\n.*no real node/);
    const kubectl = path.join(/PATH="([^:]+):/.exec(said())?.[1] ?? '', 'kubectl');
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    await run(kubectl, pod, { env, timeout: 60_000 });
    await run(kubectl, ['wait', '--for=condition=Ready', 'pod/a', '--timeout=60s'], { env, timeout: 70_000 });
  } finally {
    child.kill('SIGTERM');
    // A second one must not cut the first one's work off.
    await delay(secondSignalMs);
    child.kill('SIGTERM');
  }
  assert.equal(await ended, 0);
  assert.equal(existsSync(path.dirname(kubeconfig)), false);
});
