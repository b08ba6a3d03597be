/** The headers of every answer, also of those that never reach the pipeline. Frozen lists are formatted once by the HTTP server. */
export type Header = readonly [name: string, value: string];

export const commonHeaders: readonly Header[] = Object.freeze([
  ['Cache-Control', 'no-store'],
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
] as const);

/** Of those in JSON. */
export const plainHeaders: readonly Header[] = Object.freeze([
  ...commonHeaders,
  ['Content-Type', 'application/json'],
] as const);
