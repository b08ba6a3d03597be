/**
 * Slow cryptography on the threads of Node's pool; the loop only parses keys. Whoever calls sees to how many run at once.
 * Node keeps copies of passwords and keys while it works with them, which nobody can wipe.
 */
import {
  argon2,
  constants,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  pbkdf2,
  scrypt,
  sign,
  webcrypto,
} from 'node:crypto';
import { CofferError } from '@coffer/schema/errors.ts';
import type {
  Argon2idWish,
  EcKeyWish,
  KeyPair,
  Pbkdf2Wish,
  RsaDecryptWish,
  RsaKeyWish,
  RsaSignWish,
  ScryptWish,
  Slow,
  SlowName,
  SlowWork,
} from '../../contracts/slow.ts';

/** What one work may take of a thread's time and of memory. */
const bounds = {
  rsaBits: [2048, 8192],
  derivedBytes: [1, 1024],
  /** NIST SP 800-132 §5.1 asks for 128 bits of salt; older records have less. */
  saltBytes: [8, 1024],
  pbkdf2Iterations: [1, 10_000_000],
  scryptParallelism: [1, 16],
  argon2Passes: [1, 64],
  argon2Parallelism: [1, 16],
  memoryBytes: [1, 268_435_456],
} as const;

const kib = 1024;

type Task<Name extends SlowName> = (asked: SlowWork[Name]['asked']) => Promise<SlowWork[Name]['made']>;

const refused = (why: string, cause?: unknown): CofferError => new CofferError('invalid_request', why, { cause });

const within = (name: string, value: number, [least, most]: readonly [number, number]): void => {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw refused(`${name}: expected ${least} to ${most}`);
};

type Done<T> = (error: Error | null, made: T) => void;

/** A failure of the library says nothing that the caller may see. */
const called = <T>(what: string, begin: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    begin((error, made) => (error === null || error === undefined ? resolve(made) : reject(refused(what, error))));
  });

const der = {
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  publicKeyEncoding: { type: 'spki', format: 'der' },
} as const;

const pairOf = (begin: (done: (error: Error | null, publicKey: Uint8Array, privateKey: Uint8Array) => void) => void) =>
  called<KeyPair>('the key cannot be made', done => {
    begin((error, publicKey, privateKey) => done(error, { privateKey, publicKey }));
  });

const rsaKeyPair = async ({ bits }: RsaKeyWish): Promise<KeyPair> => {
  if (![2048, 3072, 4096].includes(bits)) throw refused('RSA key: expected 2048, 3072 or 4096 bits');
  return pairOf(done => generateKeyPair('rsa', { modulusLength: bits, ...der }, done));
};

const ecKeyPair = async ({ curve }: EcKeyWish): Promise<KeyPair> => {
  if (!['P-256', 'P-384', 'P-521'].includes(curve)) throw refused('EC key: expected P-256, P-384 or P-521');
  return pairOf(done => generateKeyPair('ec', { namedCurve: curve, ...der }, done));
};

/** RSASSA-PSS keys (1.2.840.113549.1.1.10) say what they may be used for, and are not taken. */
const rsaKeyOf = (privateKey: Uint8Array): KeyObject => {
  const key = parsed(privateKey);
  const bits = key?.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
  if (key === undefined || bits === 0) throw refused('expected an RSA private key as PKCS #8 in DER');
  within('bits of the RSA key', bits, bounds.rsaBits);
  return key;
};

const parsed = (privateKey: Uint8Array): KeyObject | undefined => {
  try {
    return createPrivateKey({ key: viewOf(privateKey), format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
};

/** The same bytes: a copy would have to be wiped. */
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const rsaSign = async ({ privateKey, data, hash, padding, saltBytes }: RsaSignWish): Promise<Uint8Array> => {
  const key = rsaKeyOf(privateKey);
  const padded =
    padding === 'pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes ?? constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  return called('this key cannot sign so', done => sign(hash, data, { key, ...padded }, done));
};

const rsaDecrypt = async ({ privateKey, ciphertext, hash, label }: RsaDecryptWish): Promise<Uint8Array> => {
  const key = rsaKeyOf(privateKey).toCryptoKey({ name: 'RSA-OAEP', hash }, false, ['decrypt']);
  const algorithm = label === undefined ? { name: 'RSA-OAEP' } : { name: 'RSA-OAEP', label: plain(label) };
  try {
    return new Uint8Array(await webcrypto.subtle.decrypt(algorithm, key, plain(ciphertext)));
  } catch (cause) {
    throw refused('the ciphertext cannot be decrypted with this key', cause);
  }
};

/** Web Cryptography takes no bytes of memory that is shared with other threads. */
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

const checkDerived = ({ salt, lengthBytes }: { readonly salt: Uint8Array; readonly lengthBytes: number }): void => {
  within('bytes of salt', salt.length, bounds.saltBytes);
  within('bytes to derive', lengthBytes, bounds.derivedBytes);
};

const pbkdf2Of = async (asked: Pbkdf2Wish): Promise<Uint8Array> => {
  const { password, salt, iterations, lengthBytes, hash } = asked;
  checkDerived(asked);
  within('iterations', iterations, bounds.pbkdf2Iterations);
  return called('PBKDF2 cannot be done so', done => pbkdf2(password, salt, iterations, lengthBytes, hash, done));
};

const scryptOf = async (asked: ScryptWish): Promise<Uint8Array> => {
  const { password, salt, cost, blockSize, parallelism, lengthBytes } = asked;
  checkDerived(asked);
  const memory = 128 * cost * blockSize;
  within('bytes of memory', memory, bounds.memoryBytes);
  within('parallelism', parallelism, bounds.scryptParallelism);
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) throw refused('cost: expected a power of two');
  // Node counts a little more than N blocks.
  const options = { N: cost, r: blockSize, p: parallelism, maxmem: 2 * memory + 128 * blockSize * (parallelism + 2) };
  return called('scrypt cannot be done so', done => scrypt(password, salt, lengthBytes, options, done));
};

const argon2idOf = async (asked: Argon2idWish): Promise<Uint8Array> => {
  const { password, salt, memoryKiB, passes, parallelism, lengthBytes } = asked;
  checkDerived(asked);
  within('bytes to derive', lengthBytes, [4, bounds.derivedBytes[1]]);
  within('passes', passes, bounds.argon2Passes);
  within('parallelism', parallelism, bounds.argon2Parallelism);
  within('KiB of memory', memoryKiB, [8 * parallelism, bounds.memoryBytes[1] / kib]);
  const parameters = { message: password, nonce: salt, memory: memoryKiB, passes, parallelism, tagLength: lengthBytes };
  return called('argon2id cannot be done so', done => argon2('argon2id', parameters, done));
};

const tasks: { readonly [Name in SlowName]: Task<Name> } = {
  rsaKeyPair,
  ecKeyPair,
  rsaSign,
  rsaDecrypt,
  pbkdf2: pbkdf2Of,
  scrypt: scryptOf,
  argon2id: argon2idOf,
};

/** Throws nothing: every refusal is a rejection. */
export const slow: Slow = <Name extends SlowName>(name: Name, asked: SlowWork[Name]['asked']) =>
  (tasks[name] as Task<Name>)(asked);
