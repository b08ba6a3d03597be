/** A listener that opens the metrics, beside one that does not, in a real server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { apiOf, initialise } from './calls.ts';
import { newFolder, startServer } from './server.ts';

test('metrics need no token where the listener says so, and one everywhere else', async () => {
  const folder = newFolder();
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(
    file,
    `listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
}
listener "unix" {
  address = "${folder}/closed.sock"
  tls_disable = true
}
listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
  telemetry {
    unauthenticated_metrics_access = true
  }
}
storage "sqlite" {
  path = "${folder}/store.db"
}
`,
  );
  const server = await startServer({ args: [`-config=${file}`], folder, ready: /listening on ([^\n]+)\n/ });
  try {
    const [closed = '', , open = ''] = server.address.split(', ');
    const api = apiOf(closed);
    await initialise(api);
    await apiOf(closed).call('GET', 'sys/metrics', { status: 403 });
    await apiOf(open).call('GET', 'sys/in-flight-req', { status: 403 });
    await apiOf(open).call('GET', 'sys/mounts', { status: 403 });
    const text = await (await fetch(`${open}/v1/sys/metrics?format=prometheus`)).text();
    assert.match(text, /^vault_core_unsealed 1$/m);
    await api.call('GET', 'sys/metrics');
  } finally {
    await server.stop();
  }
});
