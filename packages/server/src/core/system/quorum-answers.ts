/** What the key holders' procedures answer, in the words of the wire. */
import type { Out } from '@coffer/schema/out.ts';
import type { GenerateRootStatus } from '../seal/generate-root.ts';
import type { RekeyDone, RekeyStatus, VerifyDone, VerifyStatus } from '../seal/rekey.ts';

type Members = { readonly [name: string]: Out };

export const rekeyAnswer = (status: RekeyStatus | RekeyDone): Members =>
  'complete' in status
    ? {
        nonce: status.nonce,
        complete: true,
        keys: status.keys,
        keys_base64: status.keysBase64,
        pgp_fingerprints: null,
        backup: false,
        verification_required: status.verificationRequired,
        ...(status.verificationNonce === undefined ? {} : { verification_nonce: status.verificationNonce }),
      }
    : {
        nonce: status.nonce,
        started: status.started,
        n: status.shares,
        t: status.threshold,
        progress: status.progress,
        required: status.required,
        pgp_fingerprints: null,
        backup: false,
        verification_required: status.verificationRequired,
        ...(status.verificationNonce === undefined ? {} : { verification_nonce: status.verificationNonce }),
      };

export const verifyAnswer = (status: VerifyStatus | VerifyDone): Members =>
  'complete' in status
    ? { nonce: status.nonce, complete: true }
    : {
        nonce: status.nonce,
        started: status.started,
        n: status.shares,
        t: status.threshold,
        progress: status.progress,
      };

export const rootAnswer = (status: GenerateRootStatus): Members => ({
  nonce: status.nonce,
  started: status.started,
  progress: status.progress,
  required: status.required,
  complete: status.complete,
  encoded_token: status.encodedToken,
  encoded_root_token: status.encodedToken,
  pgp_fingerprint: '',
  otp: status.otp,
  otp_length: status.otpLengthBytes,
});
