/** The keys that the barrier and the seal keep for themselves: `<format>/<namespace id>/<mount id>/…`, `-` for none. */
export const layoutPrefix = '1/';
/** Of what belongs to no mount: the barrier's and the seal's own. */
export const noMountPrefix = '1/-/';
/** Not for records of anybody else. */
export const barrierPrefix = '1/-/barrier/';
/** Format and id of the store, in clear. */
export const storeKey = '1/-/barrier/store';
/** All key terms, encrypted under the root key. */
export const keyringKey = '1/-/barrier/keyring';
/** A new root key under the keyring, for the nodes that have the old one; gone once they have it. */
export const nextRootKey = '1/-/barrier/root-next';
