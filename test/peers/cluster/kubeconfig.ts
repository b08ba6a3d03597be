/** A kubeconfig with everything in it, as JSON, which is YAML as well. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const base64 = (file: string): string => readFileSync(file).toString('base64');

/** For the owner of `<user>.crt` and `<user>.key` in the folder; leaves `<user>.kubeconfig` there and answers its path. */
export const writeKubeconfig = (folder: string, user: string, server: string): string => {
  const at = (file: string): string => path.join(folder, file);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(at('ca.crt')) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(at(`${user}.crt`)), 'client-key-data': base64(at(`${user}.key`)) },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  };
  const file = at(`${user}.kubeconfig`);
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
};
