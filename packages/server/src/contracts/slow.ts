/**
 * Cryptography that takes so long that it must not hold up other requests: done beside the loop, a few at once, the mounts
 * in turn. What an engine hands over stays the engine's, unchanged until the answer; what it is given is its own, to be
 * wiped by it.
 *
 * Not here: bcrypt, which Node does not have (an engine that must check such hashes brings a reviewed WASM build of it as
 * one more work), and RSA decryption with PKCS #1 v1.5 padding, which tells its callers too much (RFC 8017 §7.2).
 */

export type RsaBits = 2048 | 3072 | 4096;
export type Curve = 'P-256' | 'P-384' | 'P-521';
export type SlowHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface KeyPair {
  /** PKCS #8 in DER (RFC 5958). */
  readonly privateKey: Uint8Array;
  /** SubjectPublicKeyInfo in DER (RFC 5280 §4.1). */
  readonly publicKey: Uint8Array;
}

export interface RsaKeyWish {
  readonly bits: RsaBits;
}

export interface EcKeyWish {
  readonly curve: Curve;
}

/** RFC 8017 §8. */
export interface RsaSignWish {
  /** PKCS #8 in DER. */
  readonly privateKey: Uint8Array;
  readonly data: Uint8Array;
  readonly hash: SlowHash;
  readonly padding: 'pkcs1v15' | 'pss';
  /** Of `pss` only; as long as the hash where left out. */
  readonly saltBytes?: number | undefined;
}

/** RSAES-OAEP (RFC 8017 §7.1), MGF1 with the same hash. */
export interface RsaDecryptWish {
  /** PKCS #8 in DER. */
  readonly privateKey: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly hash: SlowHash;
  readonly label?: Uint8Array | undefined;
}

/** RFC 8018 §5.2. */
export interface Pbkdf2Wish {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly hash: SlowHash;
  readonly lengthBytes: number;
}

/** RFC 7914. */
export interface ScryptWish {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelism: number;
  readonly lengthBytes: number;
}

/** RFC 9106. */
export interface Argon2idWish {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly lengthBytes: number;
}

/** Every work there is: what is asked, and what comes of it. */
export interface SlowWork {
  readonly rsaKeyPair: { readonly asked: RsaKeyWish; readonly made: KeyPair };
  readonly ecKeyPair: { readonly asked: EcKeyWish; readonly made: KeyPair };
  readonly rsaSign: { readonly asked: RsaSignWish; readonly made: Uint8Array };
  readonly rsaDecrypt: { readonly asked: RsaDecryptWish; readonly made: Uint8Array };
  readonly pbkdf2: { readonly asked: Pbkdf2Wish; readonly made: Uint8Array };
  readonly scrypt: { readonly asked: ScryptWish; readonly made: Uint8Array };
  readonly argon2id: { readonly asked: Argon2idWish; readonly made: Uint8Array };
}

export type SlowName = keyof SlowWork;

/**
 * Rejects with `invalid_request` where what is asked cannot be done, with `quota_exceeded` where too many wait already, with
 * `sealed` where the store is sealed meanwhile, and with `request_timeout` where the caller is gone before its turn.
 */
export type Slow = <Name extends SlowName>(
  name: Name,
  asked: SlowWork[Name]['asked'],
) => Promise<SlowWork[Name]['made']>;
