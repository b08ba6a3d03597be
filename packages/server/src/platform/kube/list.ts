/**
 * Lists, page by page: all of one resource version, or from the beginning again where that is no longer kept. Where
 * objects are large the pages are small, so that whoever may make objects cannot make a list that nobody can read.
 */
import type { KubeObject, ObjectList, ObjectPage, Resource, Selection } from '../../contracts/kube.ts';
import { pageItems, pageShrink, pagesLimit, restartsLimit } from './bounds.ts';
import { isExpired, isTooLarge } from './error.ts';
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

interface Asked {
  /** '' for the first page. */
  readonly token: string;
  readonly limit: number;
}

const pageAfter = async ({ sender, resource, selection }: Listing, { token, limit }: Asked): Promise<Page> => {
  const what = `list ${resource.plural}`;
  const query = { ...selectionQuery(selection), limit, continue: token === '' ? undefined : token };
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

/** Throws `KubeError`. */
export const pagesOf = async function* (listing: Listing): AsyncGenerator<ObjectPage> {
  let token = '';
  let restarts = 0;
  let limit = pageItems;
  for (let count = 0; count < pagesLimit; count += 1) {
    const first = token === '';
    try {
      const { resourceVersion, items, next } = await pageAfter(listing, { token, limit });
      yield { first, resourceVersion, items };
      if (next === '') return;
      token = next;
    } catch (error) {
      if (isTooLarge(error) && limit > 1) {
        limit = Math.ceil(limit / pageShrink);
        continue;
      }
      if (!isExpired(error) || restarts >= restartsLimit) throw error;
      restarts += 1;
      token = '';
    }
  }
  throw garbled(`list ${listing.resource.plural} in ${pagesLimit} pages`);
};

/** All pages in one. Throws `KubeError`. */
export const listAll = async (listing: Listing): Promise<ObjectList> => {
  let items: KubeObject[] = [];
  let version = '';
  for await (const page of pagesOf(listing)) {
    if (page.first) items = [];
    for (const item of page.items) items.push(item);
    version = page.resourceVersion;
  }
  return { resourceVersion: version, items };
};
