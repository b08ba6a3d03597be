/** The Kubernetes Secret as it is, and as the store would have it now: hashes, no values. */
import type { KubeObject, KubeReader } from '../../../contracts/kube.ts';
import { resources } from '../../api/resources.ts';
import { desiredSecret, type Target } from '../../operator/external-secret/desired.ts';
import type { Renderer } from '../../operator/external-secret/render.ts';
import type { SeenExternalSecret } from '../../operator/external-secret/seen-external-secret.ts';
import { dataOf, seenSecret } from '../../operator/external-secret/seen-secret.ts';
import { isMerging, type Wanted } from '../../operator/external-secret/wanted.ts';
import { dataHash } from '../../operator/go-text.ts';
import type { DesiredSeen, SecretEvidence } from '../evidence.ts';
import { loose } from '../loose.ts';
import { timeIn } from '../phrases.ts';
import { rightTo, seen, valueOf } from '../seen.ts';

export interface SecretLook {
  readonly kube: Pick<KubeReader, 'get'>;
  readonly renderer: Renderer;
  readonly externalSecret: SeenExternalSecret;
  readonly wanted: Wanted;
  /** What the store has; undefined: that is not known whole. */
  readonly data: ReadonlyMap<string, Uint8Array> | undefined;
}

/** The API server notes when an owner of fields last changed one of them, not which. */
const changedAtMs = ({ metadata }: KubeObject): number => {
  const owners = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => Object.hasOwn(loose(fieldsV1), 'f:data'));
  const times = [metadata.creationTimestamp, ...owners.map(({ time }) => time)].flatMap(time => timeIn(time) ?? []);
  return Math.max(0, ...times);
};

const desiredOf = (look: SecretLook, target: Target | undefined): DesiredSeen | undefined => {
  const { renderer, externalSecret, wanted, data } = look;
  if (data === undefined) return undefined;
  const render = renderer.render(externalSecret, data);
  if (render.kind === 'failed') return { kind: 'failed', reason: render.message };
  const desired = desiredSecret(wanted, render.rendered, target);
  return { kind: 'rendered', hash: dataHash(desired.data), keys: [...desired.data.keys()] };
};

export const lookAtSecret = async (look: SecretLook): Promise<SecretEvidence> => {
  const { kube, wanted } = look;
  const { namespace, target: name } = wanted;
  const found = await seen(rightTo('get', resources.secret, namespace), () =>
    kube.get(resources.secret, { namespace, name }),
  );
  const object = valueOf(found);
  if (found.kind !== 'there' || object === undefined) {
    // What is merged depends on what is there.
    const isKnown = found.kind === 'absent' || !isMerging(wanted);
    return {
      wanted,
      seen: found.kind === 'there' ? { kind: 'absent' } : found,
      desired: isKnown ? desiredOf(look, undefined) : undefined,
    };
  }
  const secret = seenSecret(object);
  const desired = desiredOf(look, { seen: secret, data: dataOf(object) });
  return { wanted, seen: { kind: 'there', value: { secret, changedAtMs: changedAtMs(object) } }, desired };
};
