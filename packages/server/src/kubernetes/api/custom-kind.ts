/** A kind of the group: how it is called, what it holds, how `kubectl` shows it. Parser, CRD and reference come from it. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { KubeObject, ObjectMeta, Resource } from '../../contracts/kube.ts';
import type { Kind } from './fields/kind.ts';
import { Place } from './fields/reading.ts';
import { apiVersionOf } from './resources.ts';

/** A column that `kubectl get` shows. */
export interface PrintColumn {
  readonly name: string;
  readonly jsonPath: string;
  readonly type: 'string' | 'date';
}

export interface CustomKind<Spec, Status> {
  readonly resource: Resource;
  readonly singular: string;
  readonly shortName: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly spec: Kind<Spec>;
  readonly status: Kind<Status>;
  readonly columns: readonly PrintColumn[];
  /** Fields that lists and watches may select by. */
  readonly selectable: readonly string[];
}

export interface Parsed<Spec, Status> {
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status: Status;
  /** Paths of fields that are set and not acted on: `spec.dataFrom[0].find`. At most 10, then how many more. */
  readonly unsupported: readonly string[];
}

const nameOf = ({ kind, metadata }: KubeObject): string => {
  const { namespace, name } = metadata;
  return `${kind} "${namespace === undefined ? name : `${namespace}/${name}`}"`;
};

/**
 * An object of the kind, with defaults. Throws `CofferError` `invalid_request` that tells of every field that is wrong by
 * its path, and what is expected there; never what is there.
 */
export const parse = <Spec, Status>(kind: CustomKind<Spec, Status>, object: KubeObject): Parsed<Spec, Status> => {
  const root = new Place('');
  const [specAt, statusAt] = [root.member('spec'), root.member('status')];
  if (object.kind !== kind.resource.kind || object.apiVersion !== apiVersionOf(kind.resource))
    root.problems.add(`expected a ${kind.resource.kind} of ${apiVersionOf(kind.resource)}: change apiVersion and kind`);
  const spec = specAt.attempt(() => kind.spec.read(object['spec'] ?? {}, specAt));
  const unsupported = root.unsupported.told();
  const status = statusAt.attempt(() => kind.status.read(object['status'] ?? {}, statusAt));
  if (spec === undefined || status === undefined || root.problems.count > 0)
    throw new CofferError('invalid_request', `${nameOf(object)}: ${root.problems.told().join('; ')}`);
  return { metadata: object.metadata, spec, status, unsupported };
};
