/**
 * An application that uses the packed client. The test compiles it against the packed declarations and runs it on the
 * oldest Node: address and token come as arguments, what happened goes to stdout as JSON.
 */
import { createClient } from '@coffer/client';
import { nodeTransport, readTokenFile } from '@coffer/client/node';
import { systemRuntime } from '@coffer/client/runtime';
import { CofferError } from '@coffer/schema/errors';
import { inspect } from 'node:util';

const [address = '', tokenFile = ''] = process.argv.slice(2);
const token = await readTokenFile(tokenFile);
const client = createClient({ address, token });
const kv = client.kv('secret');

await kv.put('packed', { password: 'correct horse', port: 5432 }, { cas: 0 });
const password = await kv.secret('packed', 'password');
const shown = [String(password), JSON.stringify({ password }), inspect({ password, token, client }, { depth: 9 })];

const overSockets = createClient({ address, token, runtime: systemRuntime(nodeTransport()) });
const status = await overSockets.call('sys/seal-status', 'read', {});

const refusal = await createClient({ address, token: 'wrong' })
  .read('secret/data/packed')
  .catch((error: unknown) => error);

const told = {
  node: process.versions.node,
  names: await kv.list(),
  data: await kv.getPlain('packed'),
  revealed: password.revealText(),
  shown,
  sealed: status.flag('sealed'),
  refusal: refusal instanceof CofferError ? refusal.code : String(refusal),
};
process.stdout.write(JSON.stringify(told));
