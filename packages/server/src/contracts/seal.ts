/**
 * What protects the root key. `shamir` needs people to hand in shares; other types open by themselves.
 */
export interface Seal {
  readonly type: string;
  /** Opens without people: the root key is stored wrapped under this seal. */
  readonly auto: AutoSeal | undefined;
}

export interface AutoSeal {
  /** Id of the key that `wrap` uses now. */
  keyId(): string;
  wrap(plaintext: Uint8Array, context: Uint8Array): Promise<WrappedKey>;
  unwrap(wrapped: WrappedKey, context: Uint8Array): Promise<Uint8Array>;
}

export interface WrappedKey {
  readonly keyId: string;
  readonly ciphertext: Uint8Array;
}
