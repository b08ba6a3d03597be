/** Randomness fit for keys, handed in so that a simulation can seed it. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** RFC 9562 version 4. */
  uuid(): string;
}
