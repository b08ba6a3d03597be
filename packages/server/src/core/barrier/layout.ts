/** The keys that the barrier and the seal keep for themselves: `<format>/<namespace id>/<mount id>/…`, `-` for none. */
export const layoutPrefix = '1/';
/** Not for records of anybody else. */
export const barrierPrefix = '1/-/barrier/';
/** Format and id of the store, in clear. */
export const storeKey = '1/-/barrier/store';
/** All key terms, encrypted under the root key. */
export const keyringKey = '1/-/barrier/keyring';
