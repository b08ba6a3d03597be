/** What is to be done about an ExternalSecret: one act on the Secret, one condition, and when to look again. */
import type { Next } from '../queue/work-queue.ts';
import type { Desired, Target } from './desired.ts';
import type { SeenSecret } from './seen-secret.ts';

export type Act =
  | { readonly do: 'leave' }
  | { readonly do: 'create'; readonly desired: Desired }
  | { readonly do: 'patch'; readonly target: Target; readonly desired: Desired }
  | { readonly do: 'delete'; readonly seen: SeenSecret };

export interface Outcome {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface ToldEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface Verdict {
  readonly act: Act;
  /** Undefined: the status stays as it is. */
  readonly outcome: Outcome | undefined;
  /** The store was asked and its answer has been acted on. */
  readonly isRefreshed: boolean;
  readonly events: readonly ToldEvent[];
  readonly next: Next;
}

export const leave: Act = { do: 'leave' };
