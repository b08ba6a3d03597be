/**
 * The head of one request, as offsets into the bytes it came in: nothing is copied or decoded before it is asked for.
 * The bytes are never written again once received.
 */
import type { WireHeaders } from '../contracts/wire.ts';
import { sameText } from './grammar.ts';

export class Head implements WireHeaders {
  bytes: Buffer;
  method = '';
  /** No method that anything here is asked with. */
  isUnknown = false;
  targetStart = 0;
  targetEnd = 0;
  /** Offset after the empty line. */
  end = 0;
  contentLength = 0;
  /** The client asked that the connection be closed after the answer. */
  close = false;
  /** Legal, but outside of what the front parser answers itself. */
  foreign = false;
  /** It asks for more of the connection than to stay or to close, which a server may pass over (RFC 9110 §7.6.1, §7.8). */
  asksMore = false;
  /** A handshake of a WebSocket, which the connection can go on with. */
  upgrades = false;
  /** Which of the header fields that frame a message were seen, as bits of `Framing`. */
  framing = 0;
  /** Why the request was refused. */
  fault = '';
  faultStatus = 400;
  /** Four offsets for each field: name start and end, value start and end. */
  readonly fields: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get rawTarget(): string {
    return this.bytes.toString('latin1', this.targetStart, this.targetEnd);
  }

  get(name: string): string | undefined {
    const { bytes, fields } = this;
    let found: string | undefined;
    for (let index = 0; index < fields.length; index += 4) {
      const start = fields[index] as number;
      if ((fields[index + 1] as number) - start !== name.length || !sameText(bytes, start, name)) continue;
      const value = bytes.toString('latin1', fields[index + 2], fields[index + 3]);
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  entries(): Iterable<readonly [name: string, value: string]> {
    const { bytes, fields } = this;
    const found = new Map<string, string>();
    for (let index = 0; index < fields.length; index += 4) {
      const name = bytes.toString('latin1', fields[index], fields[index + 1]).toLowerCase();
      const value = bytes.toString('latin1', fields[index + 2], fields[index + 3]);
      const before = found.get(name);
      found.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    return found;
  }
}
