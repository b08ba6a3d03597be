/** The threads that answer what changes nothing, as the one that writes sees them. Neither call rejects. */
export interface Fronts {
  /** The store is open, with a root key that is given away: they may serve. Resolves when they do, or will not. */
  opened(rootKey: Uint8Array): Promise<void>;
  /** Resolves when nothing that was decrypted is left in any of them. */
  closed(): Promise<void>;
}
