/** Names that External Secrets Operator puts on objects, and the tools around it look for. */
import { textHash } from './go-text.ts';

/** On every Secret that is written: what of the cluster's Secrets is watched. */
export const managedLabel = 'reconcile.external-secrets.io/managed';
export const managedValue = 'true';
/** Which ExternalSecret made it; only where that one owns it. */
export const createdByLabel = 'reconcile.external-secrets.io/created-by';
/** Hash of all the data, as it was written. */
export const dataHashAnnotation = 'reconcile.external-secrets.io/data-hash';
/** Written by kubectl: a copy of the whole object, which would only be old on another one. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** Left by the original operator; it has to go for the object to be deleted. Coffer itself sets none. */
export const cleanupFinalizer = 'externalsecrets.external-secrets.io/externalsecret-cleanup';

export const createdBy = (namespace: string, name: string): string => textHash(`${namespace}/${name}`);

const ownerPrefix = 'externalsecrets.external-secrets.io/';
/** Longest name that stands in the name of a field manager as it is. */
const ownerNameLimit = 63;

/** Field manager of what one ExternalSecret writes. */
export const fieldManager = (name: string): string =>
  name.length > ownerNameLimit ? `${ownerPrefix}sha3/${textHash(name)}` : `${ownerPrefix}${name}`;

/** True for the managers of all ExternalSecrets. */
export const isFieldOwner = (name: string): boolean => name.startsWith(ownerPrefix);
