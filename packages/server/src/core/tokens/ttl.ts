/**
 * How long a token may live: pure rules over what was asked, what the role and mount allow, and when it was made.
 * All values are seconds; 0 means "not asked" or "no limit".
 */
export interface TtlRequest {
  readonly nowSeconds: number;
  readonly createdAtSeconds: number;
  /** Asked for: `ttl` at creation, `increment` at renewal. */
  readonly askedSeconds: number;
  readonly periodSeconds: number;
  readonly explicitMaxTtlSeconds: number;
  /** Effective for the mount: never 0. */
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
}

export interface TtlGrant {
  readonly ttlSeconds: number;
  readonly warnings: readonly string[];
}

/** The time to live from now, and a warning where a limit cut it. */
export const grantTtl = (request: TtlRequest): TtlGrant => {
  const { periodSeconds, explicitMaxTtlSeconds, createdAtSeconds, nowSeconds } = request;
  const age = Math.max(0, nowSeconds - createdAtSeconds);
  if (periodSeconds > 0) return periodic(request, age);
  const wanted = request.askedSeconds > 0 ? request.askedSeconds : request.defaultTtlSeconds;
  const ceiling = smallest(explicitMaxTtlSeconds, request.maxTtlSeconds);
  const left = ceiling === 0 ? wanted : Math.max(0, ceiling - age);
  if (wanted <= left) return { ttlSeconds: wanted, warnings: [] };
  return { ttlSeconds: left, warnings: request.askedSeconds > 0 ? [cappedWarning(wanted, left)] : [] };
};

/** It may be renewed for ever, unless it has an explicit maximum; but no single period is longer than the maximum. */
const periodic = ({ periodSeconds, maxTtlSeconds, explicitMaxTtlSeconds }: TtlRequest, age: number): TtlGrant => {
  const period = smallest(periodSeconds, maxTtlSeconds);
  const left = explicitMaxTtlSeconds === 0 ? period : Math.max(0, explicitMaxTtlSeconds - age);
  const ttlSeconds = Math.min(period, left);
  const warnings = [
    ...(period < periodSeconds ? [shortenedWarning(periodSeconds, period)] : []),
    ...(left < period ? [cappedWarning(period, left)] : []),
  ];
  return { ttlSeconds, warnings };
};

const smallest = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b));

const cappedWarning = (wanted: number, left: number): string =>
  `TTL of "${goDuration(wanted)}" exceeded the effective max_ttl of "${goDuration(left)}"; TTL value is capped accordingly`;

const shortenedWarning = (period: number, max: number): string =>
  `period of "${goDuration(period)}" exceeded the effective max_ttl of "${goDuration(max)}"; period value is capped accordingly`;

/** Seconds as Go prints them: `1h0m0s`. */
export const goDuration = (seconds: number): string => {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
};
