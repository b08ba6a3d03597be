/** The bounds of the HTTP surface, named together. A listener's configuration may replace each of them. */
export interface HttpLimits {
  readonly requestLineBytes: number;
  /** Request line and all header fields together. */
  readonly headBytes: number;
  readonly headerFields: number;
  /** Unread bytes of a body that are read away so that the connection can be kept; past it the connection closes. */
  readonly drainBytes: number;
  /** Bytes received ahead of the request being answered, before the socket is left to wait. */
  readonly heldBytes: number;
  readonly connections: number;
  /** Of one IPv4 address or IPv6 network; what stands before many clients, such as a proxy, comes from one. */
  readonly connectionsPerAddress: number;
  /** From the first byte of a request to the end of its head; for the first request, from when the client connected. */
  readonly headerReadMs: number;
  /** From the end of a head to the end of the body. */
  readonly requestReadMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** How long a client may take nothing of an answer that waits for it. */
  readonly writeStallMs: number;
  /** After the last answer, for the client to close its side. */
  readonly lingerMs: number;
}

export const defaultHttpLimits: HttpLimits = {
  requestLineBytes: 16_384,
  headBytes: 32_768,
  headerFields: 100,
  drainBytes: 262_144,
  heldBytes: 65_536,
  connections: 10_000,
  connectionsPerAddress: 2_500,
  headerReadMs: 10_000,
  requestReadMs: 30_000,
  idleMs: 300_000,
  writeStallMs: 60_000,
  lingerMs: 2_000,
};
