/** The Secrets and ConfigMaps of a cluster as pods are given them, and the tokens that pods were given. */
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';
import type { Api } from './api.ts';
import { keyOf } from './follow.ts';
import type { Pod } from './pod.ts';
import type { SourceKind, Sources, Texts, TokenRequest } from './pod-contents.ts';

const ownLifeSeconds = 3607;

const decoded = (data: Texts): Texts =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

const textsOf = (object: KubeObject): Texts => {
  const data = (object['data'] ?? {}) as Texts;
  if (object.kind === 'Secret') return decoded(data);
  return { ...decoded((object['binaryData'] ?? {}) as Texts), ...data };
};

export class SourceCache implements Sources {
  readonly #api: Api;
  readonly #objects = new Map<string, Texts>();
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(api: Api) {
    this.#api = api;
  }

  take(object: KubeObject, gone: boolean): void {
    const key = `${object.kind}/${keyOf(object)}`;
    if (gone) this.#objects.delete(key);
    else this.#objects.set(key, textsOf(object));
  }

  find(kind: SourceKind, namespace: string, name: string): Texts | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }

  token(pod: Pod, request: TokenRequest): Promise<string> {
    const key = `${pod.metadata.uid}/${request.audience ?? ''}/${request.path}`;
    const known = this.#tokens.get(key) ?? this.#askToken(pod, request);
    this.#tokens.set(key, known);
    known.catch(() => this.#tokens.delete(key));
    return known;
  }

  async #askToken({ metadata, spec }: Pod, { audience, expirationSeconds }: TokenRequest): Promise<string> {
    const { namespace, name, uid } = metadata;
    const body = {
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds: expirationSeconds ?? ownLifeSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
    const answer = await this.#api.ask(path, { method: 'POST', body });
    return (answer['status'] as { readonly token: string }).token;
  }
}
