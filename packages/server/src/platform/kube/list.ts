/** Lists, page by page: all of one resource version, or from the beginning again where that is no longer kept. */
import type { KubeObject, ObjectList, Resource, Selection } from '../../contracts/kube.ts';
import { pageItems, pagesLimit, restartsLimit } from './bounds.ts';
import { isExpired } from './error.ts';
import { garbled, itemIn, recordIn } from './object.ts';
import { collectionPath, queryOf } from './path.ts';
import type { Sender } from './send.ts';

const partial = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/** What is asked for where metadata is enough: the API server then sends nothing else. */
export const acceptOf = (selection: Selection, kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string =>
  selection.metadataOnly === true ? partial(kind) : 'application/json';

export const selectionQuery = ({ labelSelector, fieldSelector }: Selection) => ({ labelSelector, fieldSelector });

interface Page extends ObjectList {
  /** '' after the last one. */
  readonly next: string;
}

interface Listing {
  readonly sender: Sender;
  readonly resource: Resource;
  readonly selection: Selection;
}

const pageAfter = async ({ sender, resource, selection }: Listing, token: string): Promise<Page> => {
  const what = `list ${resource.plural}`;
  const query = { ...selectionQuery(selection), limit: pageItems, continue: token === '' ? undefined : token };
  const answer = await sender.send({
    what,
    secret: false,
    method: 'GET',
    path: collectionPath(resource, selection.namespace) + queryOf(query),
    accept: acceptOf(selection, 'PartialObjectMetadataList'),
    repeatable: true,
  });
  const list = recordIn(answer, what);
  const metadata = recordIn(list['metadata'], what);
  const items = list['items'] ?? [];
  const { resourceVersion } = metadata;
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') throw garbled(what);
  const wanted = { resource, metadataOnly: selection.metadataOnly };
  const next = metadata['continue'];
  return {
    resourceVersion,
    items: items.map(item => itemIn(item, wanted, what)),
    next: typeof next === 'string' ? next : '',
  };
};

const listOnce = async (listing: Listing): Promise<ObjectList> => {
  const items: KubeObject[] = [];
  let token = '';
  for (let page = 0; page < pagesLimit; page += 1) {
    const { resourceVersion, items: more, next } = await pageAfter(listing, token);
    for (const item of more) items.push(item);
    if (next === '') return { resourceVersion, items };
    token = next;
  }
  throw garbled(`list ${listing.resource.plural} in ${pagesLimit} pages`);
};

/** Throws `KubeError`. */
export const listAll = async (listing: Listing): Promise<ObjectList> => {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await listOnce(listing);
    } catch (error) {
      if (!isExpired(error) || restarts >= restartsLimit) throw error;
    }
  }
};
