/**
 * The canonical request path: parsed once from the raw bytes of the request target, and the only form that the router,
 * the policies, the audit record and the storage keys ever see. Only `core/request/target.ts` makes one.
 */
declare const canonical: unique symbol;

/**
 * Decoded text below `/v1/`, without a leading slash: segments joined by `/`, none empty, none `.` or `..`, printable
 * characters only. A trailing `/` is kept: it is part of what the caller named.
 */
export type ApiPath = string & { readonly [canonical]: true };
