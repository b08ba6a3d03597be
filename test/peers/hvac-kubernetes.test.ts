/** hvac, the Python client, enables and uses login from a real cluster. The calls are in `hvac_kubernetes.py`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';
import { need } from '../counterparts/counterpart.ts';
import { hvac } from '../counterparts/hvac.ts';
import { accountToken, makeAccount, makeReviewer } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type ServerProcess, startDevServer } from './server.ts';

const python = need(hvac);
const limitMs = 120_000;
let cluster: Cluster | undefined;
let server: ServerProcess | undefined;
after(() => Promise.all([cluster?.stop(), server?.stop()]));

const runScript = (script: string, args: readonly string[], input: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const file = path.join(import.meta.dirname, script);
    const child = execFile(python.path, [file, ...args], { timeout: limitMs }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr)),
    );
    child.stdin?.end(JSON.stringify(input));
  });

test("hvac's calls for logins from a cluster", { skip: python.skip || needCluster.skip }, async () => {
  cluster = await startCluster();
  server = await startDevServer();
  for (const account of ['shop/web', 'shop/other']) await makeAccount(cluster, account);
  const told = await runScript('hvac_kubernetes.py', [server.address], {
    token: 'root',
    host: cluster.server,
    ca: cluster.ca,
    reviewer: await makeReviewer(cluster),
    jwt: await accountToken(cluster, 'shop/web'),
    other: await accountToken(cluster, 'shop/other'),
  });
  assert.match(told, /all calls answered as they should/);
});
