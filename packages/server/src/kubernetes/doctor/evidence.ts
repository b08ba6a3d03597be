/**
 * Everything the checks look at, gathered first. Names, times and hashes; a value of a secret is never in it. What could not
 * be looked at because of something before it is undefined.
 */
import type { StoreStatus } from '../../providers/vault/inspect.ts';
import type { SeenExternalSecret } from '../operator/external-secret/seen-external-secret.ts';
import type { SeenSecret } from '../operator/external-secret/seen-secret.ts';
import type { Wanted } from '../operator/external-secret/wanted.ts';
import type { SeenStore } from '../operator/store/seen-store.ts';
import type { StoreName } from '../operator/store/store-key.ts';
import type { Bound } from './person.ts';
import type { Seen } from './seen.ts';
import type { Use } from './uses.ts';

export interface Evidence {
  readonly nowMs: number;
  /** The API server's URL. */
  readonly server: string;
  /** Whose rights these are; undefined where the API server does not tell. */
  readonly user: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly externalSecret: Seen<SeenExternalSecret>;
  /** Where it is not there. */
  readonly others: Others | undefined;
  readonly lease: Seen<readonly LeaseSeen[]> | undefined;
  readonly stores: readonly StoreEvidence[];
  readonly entries: readonly EntryEvidence[];
  readonly secret: SecretEvidence | undefined;
  readonly pods: Seen<readonly PodSeen[]> | undefined;
  /** That would make pods which use the Secret, as far as they may be listed. */
  readonly workloads: readonly WorkloadSeen[];
}

export interface Others {
  /** False: the API server does not know the kind. */
  readonly isKindKnown: boolean;
  /** In the namespace. */
  readonly names: readonly string[];
  /** That have one of this name. */
  readonly namespaces: readonly string[];
}

export interface LeaseSeen {
  readonly namespace: string;
  readonly name: string;
  /** Empty: nobody leads. */
  readonly holder: string;
  readonly renewedAtMs: number | undefined;
  readonly durationMs: number;
}

export interface StoreEvidence {
  readonly name: StoreName;
  readonly object: Seen<SeenStore>;
  /** Where it is not there. */
  readonly names: readonly string[];
  /** Why the namespace may not use it; undefined: it may, or that is not known. */
  readonly refusal: string | undefined;
  /** Address; empty where there is none. */
  readonly address: string;
  readonly credentials: readonly CredentialEvidence[];
  readonly status: StatusSeen | undefined;
  readonly login: LoginSeen | undefined;
}

export type StatusSeen =
  | { readonly kind: 'answered'; readonly status: StoreStatus }
  | { readonly kind: 'silent'; readonly reason: string };

/** An object that the store's settings name, or a key in it. */
export interface CredentialEvidence {
  /** `auth.tokenSecretRef` */
  readonly field: string;
  /** `Secret shop/token, key token` */
  readonly words: string;
  /** Absent: the object is not there, or does not have the key. */
  readonly object: Seen<true>;
}

export type LoginSeen =
  | { readonly kind: 'works'; readonly words: string }
  | {
      readonly kind: 'refused';
      readonly words: string;
      readonly reason: string;
      readonly bound: Bound | undefined;
      readonly isPersonKnown: boolean;
    }
  /** It could not be tried from here. */
  | { readonly kind: 'untried'; readonly reason: string; readonly todo: string | undefined };

export interface EntryEvidence {
  /** `property "p" of secret "k"` */
  readonly where: string;
  readonly store: StoreName;
  /** In the API. */
  readonly path: string;
  readonly found: EntryFound;
}

export type EntryFound =
  | { readonly kind: 'there' }
  /** `isKnown`: the key is there, and this version of it is not. */
  | { readonly kind: 'absent'; readonly isKnown: boolean; readonly near: readonly string[] }
  | { readonly kind: 'noProperty'; readonly near: readonly string[]; readonly reason: string }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'failed'; readonly reason: string };

/** Why a token may not read a path. */
export interface Denial {
  /** Of the token; undefined where it may not say. */
  readonly policies: readonly string[] | undefined;
  /** What their texts say; undefined where not all of them could be read. */
  readonly word: PolicyWord | undefined;
  readonly isPersonKnown: boolean;
}

export interface PolicyWord {
  /** `denies`: by a rule; `lacks`: a rule matches, without the capability; `silent`: no rule matches. */
  readonly kind: 'grants' | 'denies' | 'lacks' | 'silent';
  /** The rule's path. */
  readonly rule: string;
  /** Who says it. */
  readonly policies: readonly string[];
}

/** From the texts of all policies of a token: what they say of reading a path. Throws `CofferError` for a broken text. */
export type JudgePolicies = (texts: ReadonlyMap<string, string>, path: string) => PolicyWord;

export interface SecretEvidence {
  readonly wanted: Wanted;
  readonly seen: Seen<SecretSeen>;
  /** Undefined: the store could not be read whole. */
  readonly desired: DesiredSeen | undefined;
}

export interface SecretSeen {
  readonly secret: SeenSecret;
  /** When its data last changed, or, as it cannot be told apart, a label of the same owner: at the latest. */
  readonly changedAtMs: number;
}

export type DesiredSeen =
  | { readonly kind: 'rendered'; readonly hash: string; readonly keys: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface PodSeen {
  readonly name: string;
  /** What makes it: `deployment/web`; undefined: nobody. */
  readonly workload: string | undefined;
  readonly uses: readonly Use[];
  /** By container; those that run. */
  readonly startedAtMs: ReadonlyMap<string, number>;
}

export interface WorkloadSeen {
  /** `deployment/web` */
  readonly name: string;
  /** Pods that it should have; undefined: as many as there are nodes. */
  readonly replicas: number | undefined;
}
