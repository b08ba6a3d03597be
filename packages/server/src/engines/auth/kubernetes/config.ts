/** The cluster that a mount trusts: one record. */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { JsonRecords, type Kept } from '../../keyed/json-record.ts';
import type { KubernetesCx } from './cx.ts';

/** `token_review`: the API server is asked about each token. `signature`: its signature is checked here. */
export const validations = ['token_review', 'signature'] as const;

export interface ClusterConfig {
  /** Base of the API server's URLs, without a slash at its end. */
  readonly host: string;
  /** '' where none was given. */
  readonly caPem: string;
  readonly reviewerJwt: Secret | undefined;
  readonly pemKeys: readonly string[];
  readonly issuer: string;
  readonly disableIssValidation: boolean;
  readonly disableLocalCaJwt: boolean;
  readonly validation: (typeof validations)[number];
  readonly useAnnotations: boolean;
}

type Stored = Omit<ClusterConfig, 'reviewerJwt'> & { readonly reviewerJwt: string };

export const clusterConfigs = new JsonRecords<ClusterConfig>('', {
  name: 'configuration of the Kubernetes auth method',
  encode: ({ reviewerJwt, ...rest }): Stored => ({ ...rest, reviewerJwt: reviewerJwt?.revealText() ?? '' }),
  decode: ({ reviewerJwt, ...rest }: Stored): ClusterConfig => ({
    ...rest,
    reviewerJwt: reviewerJwt === '' ? undefined : Secret.of(reviewerJwt),
  }),
});

export const configId = 'config';

/** Undefined where nobody has configured the mount. */
export const findConfig = async ({
  storage,
}: Pick<KubernetesCx, 'storage'>): Promise<Kept<ClusterConfig> | undefined> => clusterConfigs.get(storage, configId);

const refuseHost = (why: string): never => {
  throw new CofferError('invalid_request', `kubernetes_host: ${why}`);
};

const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]']);

/** `10.0.0.1:6443`, `kubernetes.default.svc` or the URL of an API server, as a base for its paths. */
export const hostUrl = (given: string): string => {
  const url = URL.parse(given.includes('://') ? given : `https://${given}`);
  if (url === null || url.hostname === '') return refuseHost('expected a host, host:port or URL');
  // An empty query or fragment is none to `URL`, and would still swallow the paths that are put behind it.
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href))
    return refuseHost('expected neither credentials nor a query');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopbackHosts.has(url.hostname)))
    return refuseHost('expected https; http is taken only for 127.0.0.1 and [::1]');
  return url.href.replace(/\/+$/, '');
};
