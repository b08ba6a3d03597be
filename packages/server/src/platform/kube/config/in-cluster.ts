/** From inside a pod: the address in the environment, the ServiceAccount's token and the cluster's authority in files. */
import type { Clock } from '../../../contracts/clock.ts';
import { readWhole } from '../../files/read.ts';
import { credentialFileLimitBytes } from '../bounds.ts';
import type { Credentials, Endpoint } from '../credentials.ts';
import { RereadFile } from './rereading.ts';
import { bearer } from './bearer.ts';

export interface InCluster {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  /** Of the pod. */
  readonly namespace: string | undefined;
}

/** Where the API server is, seen from a pod; `undefined` outside of one. */
export const inClusterUrl = (environment: ReadonlyMap<string, string>): URL | undefined => {
  const host = environment.get('KUBERNETES_SERVICE_HOST') ?? '';
  const port = environment.get('KUBERNETES_SERVICE_PORT') ?? '';
  if (host === '' || port === '') return undefined;
  const text = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return URL.canParse(text) ? new URL(text) : undefined;
};

const namespaceIn = async (folder: string): Promise<string | undefined> => {
  try {
    return Buffer.from(await readWhole(`${folder}/namespace`, credentialFileLimitBytes))
      .toString('utf8')
      .trim();
  } catch {
    return undefined;
  }
};

/** Throws `usage` where token or authority cannot be read. */
export const inCluster = async (url: URL, clock: Clock, folder: string): Promise<InCluster> => {
  const tokenPath = `${folder}/token`;
  const token = new RereadFile(tokenPath, clock);
  const ca = new RereadFile(`${folder}/ca.crt`, clock);
  // One after the other: of two that are missing it is always the same one that is told.
  await token.content();
  await ca.content();
  return {
    endpoint: { url, insecure: false, ca: () => ca.content() },
    credentials: {
      current: async () => ({ authorization: bearer(await token.content(), tokenPath), impersonation: {} }),
      refused: () => (token.forget(), true),
    },
    namespace: await namespaceIn(folder),
  };
};
