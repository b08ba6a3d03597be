/** Rows of the mount's configuration. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { trimmed } from '../../login/trimmed.ts';
import { type ClusterConfig, clusterConfigs, configId, hostUrl, validations } from './config.ts';
import { rows } from './cx.ts';

const shared = {
  kubernetes_ca_cert: t.string('Authorities of its certificate, in PEM; those of the pod or the system where absent'),
  pem_keys: t.list('Public keys or certificates that sign its tokens, in PEM: signatures are checked against them'),
  issuer: t.string('Who its tokens must come from, where that is checked', { deprecated: true }),
  disable_iss_validation: t.boolean('Do not check who issued a token', { default: true }),
  disable_local_ca_jwt: t.boolean('Use neither certificate nor token of the pod this server runs in', {
    default: false,
  }),
  jwt_validation: t.oneOf(
    validations,
    '`token_review` asks the API server about each token; `signature` checks it here, by `pem_keys` or the keys that the cluster publishes',
    { default: 'token_review' },
  ),
  use_annotations_as_alias_metadata: t.boolean(
    'Take annotations `vault.hashicorp.com/alias-metadata-…` of the ServiceAccount as metadata',
    { default: false },
  ),
} as const;

const configFields = {
  kubernetes_host: t.string('The API server: host, host:port or URL'),
  token_reviewer_jwt: t.secret('Token to ask it with; that of the pod, else the caller’s own, where absent'),
  ...shared,
} as const;

const configOut = {
  kubernetes_host: t.string('The API server'),
  token_reviewer_jwt_set: t.boolean('Whether there is a token to ask it with'),
  ...shared,
} as const;

const answer = (config: ClusterConfig) => ({
  kubernetes_host: config.host,
  kubernetes_ca_cert: config.caPem,
  pem_keys: config.pemKeys,
  issuer: config.issuer,
  disable_iss_validation: config.disableIssValidation,
  disable_local_ca_jwt: config.disableLocalCaJwt,
  jwt_validation: config.validation,
  use_annotations_as_alias_metadata: config.useAnnotations,
  token_reviewer_jwt_set: config.reviewerJwt !== undefined,
});

/** A certificate that nothing is signed by would only be noticed at the first login. */
const checkedCa = (pem: string): string => {
  if (pem !== '' && !pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new CofferError('invalid_request', 'kubernetes_ca_cert: expected certificates in PEM');
  return pem;
};

/** As a header can carry it (RFC 6750 §2.1). */
const bearer = /^[\w.~+/-]+=*$/;

const reviewerIn = (given: Secret | undefined): Secret | undefined => {
  const token = given === undefined ? undefined : trimmed(given);
  if (token === undefined || token.length === 0) return undefined;
  if (!bearer.test(token.revealText()))
    throw new CofferError('invalid_request', 'token_reviewer_jwt: expected a token, without spaces or line breaks');
  return token;
};

export const configRows = [
  rows.read('config', { summary: 'Read which cluster the mount trusts', out: configOut }, async ({ storage }) => {
    const kept = await clusterConfigs.get(storage, configId);
    return kept === undefined ? undefined : answer(kept.record);
  }),
  rows.write(
    'config',
    {
      summary: 'Set which cluster the mount trusts',
      description: 'The whole configuration: what is left out is not kept. Of several clusters each has its own mount.',
      in: configFields,
    },
    async (cx, args) => {
      if ((args.kubernetes_host ?? '') === '') throw new CofferError('invalid_request', 'no host provided');
      const pemKeys = args.pem_keys ?? [];
      cx.jwt.pemKeys(pemKeys);
      const config: ClusterConfig = {
        host: hostUrl(args.kubernetes_host ?? ''),
        caPem: checkedCa(args.kubernetes_ca_cert ?? ''),
        reviewerJwt: reviewerIn(args.token_reviewer_jwt),
        pemKeys,
        issuer: args.issuer ?? '',
        disableIssValidation: args.disable_iss_validation,
        disableLocalCaJwt: args.disable_local_ca_jwt,
        validation: args.jwt_validation,
        useAnnotations: args.use_annotations_as_alias_metadata,
      };
      await cx.storage.commit({ writes: [clusterConfigs.put(configId, config)] });
    },
  ),
];
