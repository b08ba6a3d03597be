/** The contract `Kube` over one sender: which request each operation is. */
import type {
  ApplyOptions,
  Kube,
  KubeAsker,
  KubeObject,
  KubePager,
  KubePatcher,
  KubeReader,
  KubeWriter,
  ObjectAt,
  Preconditions,
  Resource,
} from '../../contracts/kube.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import { provesAbsence } from './error.ts';
import { listAll, pagesOf } from './list.ts';
import { itemIn, objectIn } from './object.ts';
import { apiVersionOf, homePath, nameOf, objectPath, queryOf } from './path.ts';
import type { Call, Sender } from './send.ts';
import { watchOnce } from './watch.ts';

export interface ClientOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a Secret holds must not come back in an error. */
const isSecret = ({ group, plural }: Resource): boolean => group === '' && plural === 'secrets';

const askedOf = (verb: string, resource: Resource, at: ObjectAt) => ({
  what: `${verb} ${nameOf(resource, at)}`,
  secret: isSecret(resource),
});

/** `undefined` where the API server proves that there is no such object. */
const unlessAbsent = async <T>(answer: Promise<T>, name: string): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (provesAbsence(error, name)) return undefined;
    throw error;
  }
};

const readerOf = ({ sender, clock, random }: ClientOptions): KubeReader => ({
  get: async (resource, at) => {
    const asked = askedOf('get', resource, at);
    const call: Call = { ...asked, method: 'GET', path: objectPath(resource, at), repeatable: true };
    const found = await unlessAbsent(sender.send(call), at.name);
    return found === undefined ? undefined : itemIn(found, { resource }, asked.what);
  },
  list: (resource, selection) => listAll({ sender, resource, selection }),
  watch: (resource, from, signal) => watchOnce({ sender, clock, random, resource, from }, signal),
});

/** Sends a write and reads the object back from its answer. */
const write = async (sender: Sender, resource: Resource, call: Call): Promise<KubeObject> =>
  itemIn(await sender.send(call), { resource }, call.what);

const applyCall = (resource: Resource, object: KubeObject, options: ApplyOptions): Call => ({
  ...askedOf('apply', resource, object.metadata),
  method: 'PATCH',
  path:
    objectPath(resource, object.metadata, options.subresource) +
    queryOf({ fieldManager: options.fieldManager, force: options.force ?? false }),
  contentType: 'application/apply-patch+yaml',
  body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
  // With a resource version the second one conflicts, which is what the caller is prepared for.
  repeatable: true,
});

const removeCall = (resource: Resource, at: ObjectAt, { uid, resourceVersion }: Preconditions): Call => ({
  ...askedOf('delete', resource, at),
  method: 'DELETE',
  path: objectPath(resource, at),
  body: {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
  },
  // The second one could meet a new object of the same name, or call what the first one did "there was none".
  repeatable: false,
});

const writerOf = (sender: Sender): KubeWriter => ({
  create: (resource, object, options) =>
    write(sender, resource, {
      ...askedOf('create', resource, object.metadata),
      method: 'POST',
      path: homePath(resource, object.metadata.namespace) + queryOf({ fieldManager: options?.fieldManager }),
      body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
      repeatable: false,
    }),
  apply: (resource, object, options) => write(sender, resource, applyCall(resource, object, options)),
  remove: async (resource, at, preconditions = {}) =>
    (await unlessAbsent(sender.send(removeCall(resource, at, preconditions)), at.name)) !== undefined,
});

const patcherOf = (sender: Sender): KubePatcher => ({
  mergePatch: (resource, at, { patch, subresource, fieldManager }) =>
    write(sender, resource, {
      ...askedOf('patch', resource, at),
      method: 'PATCH',
      path: objectPath(resource, at, subresource) + queryOf({ fieldManager }),
      contentType: 'application/merge-patch+json',
      body: patch,
      repeatable: true,
    }),
});

const askerOf = (sender: Sender): KubeAsker => ({
  ask: async (path, question) => {
    const what = `ask ${path}`;
    const call: Call = { what, secret: true, method: 'POST', path, body: question, repeatable: true };
    return objectIn(await sender.send(call), what);
  },
});

export const clientOf = (options: ClientOptions): Kube & KubePager => ({
  ...readerOf(options),
  ...writerOf(options.sender),
  ...patcherOf(options.sender),
  ...askerOf(options.sender),
  pages: (resource, selection) => pagesOf({ sender: options.sender, resource, selection }),
});
