/** What everything that `coffer dev` makes is called, in the store and in the cluster. */
export const devName = 'coffer-dev';
/** The ClusterSecretStore that ExternalSecrets name. */
export const storeName = 'coffer';
/** The key/value mount that it reads. */
export const kvMount = 'secret';
