/** What the connections of a listener have in common. */
import type { Handle } from '../contracts/wire.ts';
import type { Socket } from '../platform/net/socket.ts';
import type { DateLine } from './date.ts';
import type { Deadline } from './deadlines.ts';
import type { HttpLimits } from './limits.ts';
import type { Faults } from './refusal.ts';
import type { Room } from './room.ts';
import type { Sweep } from './sweep.ts';

export interface Shared {
  readonly handle: Handle;
  readonly deadline: Deadline | undefined;
  readonly limits: HttpLimits;
  readonly sweep: Sweep;
  readonly dateLine: DateLine;
  readonly faults: Faults;
  readonly room: Room;
  /** The listener closes, or is about to: every answer is the last of its connection. */
  closing: boolean;
  /** Gives a connection, with the bytes of its next request, to the general HTTP server for good. */
  handOver(socket: Socket, bytes: Buffer): void;
}
