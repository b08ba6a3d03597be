/**
 * One request on its way through the stages: what each stage has found so far. A stage reads what earlier ones wrote and
 * writes its own part; nothing here outlives the answer.
 */
import type { CofferError } from '@coffer/schema/errors.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { Reply, Row, Verb } from '@coffer/schema/row.ts';
import type { ApiPath } from '../../contracts/path.ts';
import type { WireAnswer, WireRequest } from '../../contracts/wire.ts';
import type { Acl } from '../policies/acl.ts';
import type { Decision } from '../policies/rule.ts';
import type { Mount } from '../mounts/mount.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { Token } from '../tokens/token.ts';
import type { Wrapped } from '../wrapping/wrapped.ts';
import type { WrapAsked } from './wrap-header.ts';

/** What the caller wants, as policies and audit name it. A write becomes create or update in the policy stage. */
export type Operation = 'read' | 'create' | 'update' | 'patch' | 'delete' | 'list' | 'scan' | 'help';

/** A token and what it may do, found for this request. */
export interface Authenticated {
  readonly text: string;
  readonly token: Token;
  readonly acl: Acl;
}

export interface Matched {
  readonly row: Row<never>;
  readonly params: ReadonlyMap<string, string>;
}

/** Where a request stands among those that wait, the older before. */
export interface Neighbours {
  before: Exchange | undefined;
  after: Exchange | undefined;
}

export class Exchange {
  readonly wire: WireRequest;
  readonly id: string;
  readonly startedAtMs: number;

  path = '' as ApiPath;
  query: ReadonlyMap<string, readonly string[]> = noQuery;
  verb: Verb = 'read';
  wantsHelp = false;
  /** When it came. */
  storeWasOpen = false;
  /** How often this node had lost the right to serve from memory when what is known of the caller was found. */
  losses = 0;
  namespace: Namespace | undefined;
  mount: Mount | undefined;
  matched: Matched | undefined;
  body: RawJson | undefined;
  members: ReadonlyMap<string, RawJson> | undefined;
  args: unknown = undefined;
  /** What was wrong with the body; told once it is known that the caller may ask. */
  refusedBody: CofferError | undefined;
  /** The body was not there at once: what was found of the caller before it is no longer certain. */
  bodyWasAwaited = false;
  warnings: readonly string[] = [];
  caller: Authenticated | undefined;
  /** The answer is to be kept back behind a wrapping token. */
  wrap: WrapAsked | undefined;
  /** It was: its wrapping token goes out in its place. */
  wrapped: Wrapped | undefined;
  operation: Operation = 'read';
  /** What the policies said; lists are cut by it. */
  decision: Decision | undefined;
  /** Names of the policies that allowed it; undefined until the policy stage has allowed it. */
  grantedBy: readonly string[] | undefined;
  /** While it waits for something: where it stands among those that do. */
  inFlight: Neighbours | undefined;
  /** What both audit records say alike, and the device's format that wrote it. */
  recorded: { readonly by: object; readonly text: string } | undefined;
  /** The request record is written; otherwise it goes out together with the response record. */
  requestRecorded = false;
  reply: Reply | undefined;
  error: CofferError | undefined;
  answer: WireAnswer | undefined;
  /** Work that must wait until the answer is on record, and be done before it leaves. */
  readonly afterwards: (() => Promise<unknown>)[] = [];

  constructor(wire: WireRequest, id: string, startedAtMs: number) {
    this.wire = wire;
    this.id = id;
    this.startedAtMs = startedAtMs;
  }
}

const noQuery: ReadonlyMap<string, readonly string[]> = new Map();
