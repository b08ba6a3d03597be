/**
 * A row declares one operation, once. Routing, coercion, policy capability, audit, help, OpenAPI, the typed client and
 * the command are derived from it. A row without a column for something that is needed twice lacks that column.
 */
import type { AuthRequest } from './auth-request.ts';
import type { Field, Fields } from './fields/field.ts';
import type { RawJson } from './json/raw.ts';
import type { Out } from './out.ts';

/** The operation as the wire knows it. `write` is create or update, told apart by the row's `exists`. */
export type Verb = 'read' | 'write' | 'patch' | 'delete' | 'list' | 'scan';

/** `token`: any token whose policies allow it. `sudo`: also needs the sudo capability. `open`: no token asked. */
export type Access = 'token' | 'sudo' | 'open';
/** What the configuration of a listener may open. */
export type Openable = 'metrics' | 'in-flight requests';
export type BodyForm = 'json' | 'form' | 'raw' | 'stream' | 'none';
export type AnswerForm = 'envelope' | 'bare' | 'raw' | 'stream' | 'upgrade';

/** The columns of a row, beside verb, path and function. */
export interface Columns<I extends Fields, O extends Fields> {
  /** One line, imperative, no full stop: help, OpenAPI summary, reference. */
  readonly summary: string;
  /** More, where the summary cannot say it: Markdown. */
  readonly description?: string;
  readonly in?: I;
  readonly out?: O;
  readonly access?: Access;
  /** How the request body is read. Default `json` for write and patch, `none` otherwise. */
  readonly body?: BodyForm;
  /** The name of the `in` field that takes the whole body object as it came, instead of one member. */
  readonly wholeBody?: string;
  /** Default `envelope`; `bare` answers the out fields without the envelope. */
  readonly answer?: AnswerForm;
  /** Status of an answer with data. Default 200; without data 204 (write, delete) or 404 (read, list). */
  readonly status?: number;
  /** Request headers this row reads, lower case. */
  readonly headers?: readonly string[];
  /** Out fields are also copied to the top level of the envelope, as old clients expect. */
  readonly legacyTopLevel?: boolean;
  /**
   * `effort`: goes on where no device takes its records, for what must work in an emergency. `request`: the answer alone
   * leaves in any case, because what it holds is nowhere else. `none`: not written to audit.
   * All rows that are not `full` stand in a golden list.
   */
  readonly audit?: 'full' | 'effort' | 'request' | 'none';
  /** Works while sealed. */
  readonly whileSealed?: boolean;
  /** Works while the store is not as its anchor says. What works while sealed does so as well. */
  readonly whileDoubted?: boolean;
  readonly rootNamespaceOnly?: boolean;
  /**
   * A listener may open the row to callers without a token, by this word of its configuration. All such rows stand in a
   * golden list.
   */
  readonly openable?: Openable | undefined;
  /** Most bytes of a request body. Default 1 MiB; 64 KiB where no token is asked. */
  readonly bodyLimitBytes?: number;
  /** Other paths that reach this row, kept for old clients; not shown in help. Same parameters as `path`. */
  readonly aliases?: readonly string[];
  /** Changes nothing, although its verb is write: its audit record may be written together with the answer. */
  readonly pure?: boolean;
  /**
   * Its answer may be kept back behind a wrapping token. Default for enveloped answers to callers with a token: strangers
   * must not be able to fill the store. Where it may not be, asking for it is refused.
   */
  readonly wrappable?: boolean;
  /**
   * The caller's token may be the wrapping token that the request is about. It is not counted as used before the row
   * runs, and one that is not valid is told apart from a caller without rights.
   */
  readonly wrappingToken?: boolean;
  /**
   * Not for callers with a batch token, which has no record that the row could change or keep something with. What they
   * are told, once their policies have allowed the request.
   */
  readonly serviceOnly?: string;
}

/** A row as tables hold it: types erased, every column present. */
export interface Row<Cx> extends Required<Omit<Columns<Fields, Fields>, 'description' | 'wholeBody' | 'serviceOnly'>> {
  readonly verb: Verb;
  readonly path: string;
  readonly description: string | undefined;
  readonly wholeBody: string | undefined;
  readonly serviceOnly: string | undefined;
  readonly exists: ((cx: Cx, args: never) => Promise<boolean> | boolean) | undefined;
  readonly run: (cx: Cx, args: never) => unknown;
}

type ParamName<S extends string> = S extends `:${infer N}*?`
  ? { [K in N]: false }
  : S extends `:${infer N}*`
    ? { [K in N]: true }
    : S extends `:${infer N}?`
      ? { [K in N]: false }
      : S extends `:${infer N}`
        ? { [K in N]: true }
        : unknown;
/** `a/:b/:c?` → `{ b: true, c: false }`: parameter → is it always there. */
export type Params<P extends string> = P extends `${infer Head}/${infer Tail}`
  ? ParamName<Head> & Params<Tail>
  : ParamName<P>;

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;
type AlwaysThere<P extends string, I extends Fields, K extends keyof I> = K extends keyof Params<P>
  ? Params<P>[K]
  : I[K] extends Field<unknown, infer Present>
    ? Present
    : false;

/** The arguments of a row's function: path parameters and fields that are required or have a default are always there. */
export type Args<P extends string, I extends Fields> = {
  readonly [K in keyof I as AlwaysThere<P, I, K> extends true ? K : never]: ValueOf<I[K]>;
} & {
  readonly [K in keyof I as AlwaysThere<P, I, K> extends true ? never : K]?: ValueOf<I[K]> | undefined;
};

/** What a row answers: each out field of its kind's value, or anything the encoder can write in its place. */
export type Answered<O extends Fields> = { readonly [K in keyof O]?: Out };

/** An object: its members, or whole as JSON where a row keeps it as it came. */
export type ReplyData = { readonly [key: string]: Out } | RawJson;

/** An answer with more than data. */
export class Reply {
  readonly data: ReplyData | undefined;
  readonly extras: ReplyExtras;
  constructor(data: ReplyData | undefined, extras: ReplyExtras = {}) {
    this.data = data;
    this.extras = extras;
  }
}

/** As the envelope shows it. */
export interface ReplyLease {
  readonly id: string;
  readonly renewable: boolean;
  readonly durationSeconds: number;
}

export interface ReplyExtras {
  readonly status?: number;
  readonly warnings?: readonly string[];
  /** Of an auth method: the caller is who they say. The core answers with a token, or refuses. */
  readonly login?: AuthRequest;
  /** The `auth` member of the envelope. */
  readonly auth?: { readonly [key: string]: Out };
  readonly headers?: { readonly [name: string]: string };
  readonly leaseDurationSeconds?: number;
  /** What is answered is under this lease. */
  readonly lease?: ReplyLease;
  /** Body of a `raw` answer, sent as it is. */
  readonly raw?: { readonly contentType: string; readonly bytes: Uint8Array };
  /**
   * A `stream` answer: it goes on until its source ends. Where it cannot be sent, the source is told that nobody wants it.
   */
  readonly stream?: ReplyStream;
}

/** One message on a WebSocket; `close` is the last one. */
export type SocketMessage =
  | { readonly kind: 'text' | 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** As the pieces of a body, or as messages where the connection becomes a WebSocket. */
export type ReplyStream = {
  /** Once aborted the connection is ended, whatever is left to send. Given where the stream has no end of its own. */
  readonly cut?: AbortSignal | undefined;
} & (
  | { readonly contentType: string; readonly pieces: AsyncIterable<Uint8Array> }
  | { readonly messages: AsyncIterable<SocketMessage> }
);

type Answer<O extends Fields> = Answered<O> | Reply | undefined | void;
type Run<Cx, P extends string, I extends Fields, O extends Fields> = (
  cx: Cx,
  args: Args<P, I>,
) => Answer<O> | Promise<Answer<O>>;
type WriteColumns<Cx, P extends string, I extends Fields, O extends Fields> = Columns<I, O> & {
  /** Tells create from update for the policy. Without it a write is always an update. */
  readonly exists?: (cx: Cx, args: Args<P, I>) => Promise<boolean> | boolean;
};
/** `in` must name every parameter of the path. */
type NamesParams<P extends string> = [keyof Params<P>] extends [never]
  ? unknown
  : { readonly in: { readonly [K in keyof Params<P>]: Field<unknown, boolean> } };

const defaults = {
  in: Object.freeze(Object.create(null)) as Fields,
  out: Object.freeze(Object.create(null)) as Fields,
  access: 'token' as const,
  answer: 'envelope' as const,
  status: 200,
  headers: [] as readonly string[],
  legacyTopLevel: false,
  audit: 'full' as const,
  whileSealed: false,
  whileDoubted: false,
  rootNamespaceOnly: false,
  aliases: [] as readonly string[],
  openable: undefined,
  description: undefined,
  wholeBody: undefined,
  exists: undefined,
  wrappingToken: false,
  serviceOnly: undefined,
};

const isWrappable = ({ answer = 'envelope', access, whileSealed }: Columns<Fields, Fields>): boolean =>
  answer === 'envelope' && access !== 'open' && whileSealed !== true;

/** Where a row says nothing and the configuration neither. */
export const plainBodyLimitBytes = 1_048_576;
/** What strangers may make the store hold, whatever the configuration says. */
export const openBodyLimitBytes = 65_536;

const hasBody = (verb: Verb): boolean => verb === 'write' || verb === 'patch';

/** The constructors of rows whose functions get a `Cx`: one for each verb. */
export const rowsFor = <Cx>() => {
  const make =
    (verb: Verb) =>
    <
      const P extends string,
      const I extends Fields = Record<never, never>,
      const O extends Fields = Record<never, never>,
    >(
      path: P,
      columns: WriteColumns<Cx, P, I, O> & NamesParams<P>,
      run: Run<Cx, P, I, O>,
    ): Row<Cx> => {
      const given = columns as Columns<Fields, Fields> & { readonly exists?: Row<Cx>['exists'] };
      return Object.freeze({
        ...defaults,
        body: hasBody(verb) ? ('json' as const) : ('none' as const),
        pure: !hasBody(verb) && verb !== 'delete',
        wrappable: isWrappable(given),
        bodyLimitBytes: columns.access === 'open' ? openBodyLimitBytes : plainBodyLimitBytes,
        ...given,
        verb,
        path,
        run,
      });
    };
  return {
    read: make('read'),
    write: make('write'),
    patch: make('patch'),
    remove: make('delete'),
    list: make('list'),
    scan: make('scan'),
  };
};
