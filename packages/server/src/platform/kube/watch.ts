/**
 * One watch: JSON, one event a line. It ends when the server ends it, and when it has been silent for longer than bookmarks
 * are apart: a connection that died without a word looks just like a cluster in which nothing happens.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { KubeObject, Resource, Selection, WatchEvent } from '../../contracts/kube.ts';
import type { Random } from '../../contracts/random.ts';
import { Garbled, linesOf, parseJson } from './answer.ts';
import { chance } from './back-off.ts';
import { silenceLimitMs, watchLeastSeconds, watchMostSeconds } from './bounds.ts';
import { type Asked, refused, unanswered } from './error.ts';
import { acceptOf, selectionQuery } from './list.ts';
import { garbled, itemIn, recordIn } from './object.ts';
import { collectionPath, queryOf } from './path.ts';
import type { Sender } from './send.ts';
import { Broken, type Exchange } from './transport.ts';

export interface WatchOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly random: Random;
  readonly resource: Resource;
  readonly from: Selection & { readonly resourceVersion: string };
}

const types = new Map<unknown, WatchEvent['type']>([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
  ['BOOKMARK', 'bookmark'],
]);

const statusOf = (object: unknown, what: string): number => {
  const { code } = recordIn(object, what);
  return typeof code === 'number' ? code : 500;
};

/** A bookmark has a resource version and no name. */
const bookmarkIn = (value: unknown, resource: Resource, what: string): KubeObject => {
  const metadata = recordIn(recordIn(value, what)['metadata'], what);
  return itemIn({ metadata: { ...metadata, name: '' } }, { resource }, what);
};

const eventIn = (line: Uint8Array, { resource, from }: WatchOptions, asked: Asked): WatchEvent => {
  const { type: word, object } = recordIn(parseJson(line), asked.what);
  if (word === 'ERROR') throw refused({ status: statusOf(object, asked.what), body: object }, asked);
  const type = types.get(word);
  if (type === undefined) throw garbled(asked.what);
  if (type === 'bookmark') return { type, object: bookmarkIn(object, resource, asked.what) };
  return { type, object: itemIn(object, { resource, metadataOnly: from.metadataOnly }, asked.what) };
};

const asKubeError = (error: unknown, what: string): unknown => {
  if (error instanceof Broken) return unanswered('NoAnswer', `${what}: ${error.message}`, true);
  if (error instanceof Garbled) return unanswered('Garbled', `${what}: ${error.message}`, true);
  return error;
};

const open = (options: WatchOptions, asked: Asked, signal: AbortSignal): Promise<Exchange> => {
  const { resource, from, sender, random } = options;
  const span = watchMostSeconds - watchLeastSeconds;
  const query = {
    ...selectionQuery(from),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: from.resourceVersion,
    timeoutSeconds: watchLeastSeconds + Math.floor(chance(random) * span),
  };
  return sender.stream(
    {
      ...asked,
      method: 'GET',
      path: collectionPath(resource, from.namespace) + queryOf(query),
      accept: acceptOf(from, 'PartialObjectMetadata'),
      repeatable: true,
    },
    signal,
  );
};

/** Throws `KubeError`: what the server says, or that the connection broke. Ends quietly once the signal is aborted. */
export const watchOnce = async function* (options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  if (signal.aborted) return;
  const asked = { what: `watch ${options.resource.plural}`, secret: false };
  let exchange: Exchange | undefined;
  const silence = new Silence(options.clock, () => exchange?.end());
  try {
    exchange = await open(options, asked, signal);
    silence.heard();
    for await (const line of linesOf(exchange.answer, () => silence.heard())) yield eventIn(line, options, asked);
  } catch (error) {
    if (signal.aborted || silence.isOver) return;
    throw asKubeError(error, asked.what);
  } finally {
    silence.stop();
    exchange?.end();
  }
};

/** Ends what nothing is heard of any more. */
class Silence {
  readonly #clock: Clock;
  readonly #end: () => void;
  #cancel = (): void => undefined;
  isOver = false;

  constructor(clock: Clock, end: () => void) {
    this.#clock = clock;
    this.#end = end;
  }

  heard(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(silenceLimitMs, () => {
      this.isOver = true;
      this.#end();
    });
  }

  stop(): void {
    this.#cancel();
  }
}
