/**
 * The Kubernetes API as its clients here see it: objects as JSON, resources by where they lie, writes that say who owns
 * which field. `platform/kube` speaks it; every controller is handed these, so that it can run against a faked one.
 */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  /** When it last changed one of its fields. */
  readonly time?: string;
  /** `f:data` → `f:key` → {} … */
  readonly fieldsV1?: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

/** As the API server sends it. Fields beside these are read by the code that knows the kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Where a kind lies in the API. The core group is the empty text. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `namespace` is left out for resources of the cluster. */
export interface ObjectAt {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface Selection {
  /** Left out: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Only `metadata` of each (PartialObjectMetadata): what lies in Secrets is neither sent nor held. */
  readonly metadataOnly?: boolean | undefined;
}

export interface ObjectList {
  readonly resourceVersion: string;
  readonly items: readonly KubeObject[];
}

/** `bookmark` carries a resource version and nothing else. */
export interface WatchEvent {
  readonly type: 'added' | 'modified' | 'deleted' | 'bookmark';
  readonly object: KubeObject;
}

/** All pages of a list are one answer. A watch ends when the server ends it; its failures are `KubeError`. */
export interface KubeReader {
  /** `undefined`: the API server says that there is none. */
  get(resource: Resource, at: ObjectAt): Promise<KubeObject | undefined>;
  list(resource: Resource, selection: Selection): Promise<ObjectList>;
  watch(
    resource: Resource,
    from: Selection & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent>;
}

/** One page of a list. `first`: what pages before it said no longer counts. */
export interface ObjectPage extends ObjectList {
  readonly first: boolean;
}

/** A list page by page, for whoever need not hold all of it. A list that expires on the way begins anew. */
export interface KubePager {
  pages(resource: Resource, selection: Selection): AsyncIterable<ObjectPage>;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Take fields that others own. */
  readonly force?: boolean;
  readonly subresource?: 'status';
}

export interface CreateOptions {
  readonly fieldManager: string;
}

export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Each answers the object as it then is. What the server refuses is a `KubeError` with its reason. */
export interface KubeWriter {
  create(resource: Resource, object: KubeObject, options?: CreateOptions): Promise<KubeObject>;
  /** Server-side apply. With `metadata.resourceVersion` it conflicts where the object has changed since. */
  apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** False where there was none. */
  remove(resource: Resource, at: ObjectAt, preconditions?: Preconditions): Promise<boolean>;
}

export interface KubePatcher {
  /** RFC 7386. With `metadata.resourceVersion` in the patch it conflicts where the object has changed since. */
  mergePatch(resource: Resource, at: ObjectAt, change: MergePatch): Promise<KubeObject>;
}

export interface MergePatch {
  readonly patch: unknown;
  readonly subresource?: 'status' | undefined;
  readonly fieldManager?: string | undefined;
}

/** A TokenReview, a SubjectAccessReview, a token of a ServiceAccount: questions that are posted and answered, not kept. */
export interface KubeAsker {
  ask(path: string, question: unknown): Promise<KubeObject>;
}

/** All of it: one connection to one cluster. */
export interface Kube extends KubeReader, KubeWriter, KubePatcher, KubeAsker {}
