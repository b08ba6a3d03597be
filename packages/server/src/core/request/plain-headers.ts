/** The headers of every answer in JSON, also of those that never reach the pipeline. */
type Header = readonly [name: string, value: string];

export const plainHeaders: readonly Header[] = Object.freeze([
  ['Cache-Control', 'no-store'],
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['Content-Type', 'application/json'],
] as const);
