/** Kubeconfigs with everything in them, as JSON, which is YAML as well. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Written {
  readonly file: string;
  readonly server: string;
  /** PEM. */
  readonly ca: string | Buffer;
  readonly user: string;
  readonly credentials: object;
  readonly namespace?: string | undefined;
}

const write = ({ file, server, ca, user, credentials, namespace }: Written): string => {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user, namespace } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
};

/** For the owner of `<user>.crt` and `<user>.key` in the folder; leaves `<user>.kubeconfig` there and answers its path. */
export const writeKubeconfig = (folder: string, user: string, server: string): string => {
  const at = (file: string): string => path.join(folder, file);
  const base64 = (file: string): string => readFileSync(at(file)).toString('base64');
  const credentials = {
    'client-certificate-data': base64(`${user}.crt`),
    'client-key-data': base64(`${user}.key`),
  };
  return write({ file: at(`${user}.kubeconfig`), server, ca: readFileSync(at('ca.crt')), user, credentials });
};

interface At {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly folder: string;
}

let count = 0;

/** For whoever has this token, in this namespace; leaves a file in the folder and answers its path. */
export const tokenKubeconfig = ({ server, ca, folder }: At, token: string, namespace?: string): string => {
  const file = path.join(folder, `somebody-${(count += 1)}.kubeconfig`);
  return write({ file, server, ca, user: 'somebody', credentials: { token }, namespace });
};
