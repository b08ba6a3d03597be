/** Reads server-sent events (HTML, "Server-sent events") out of bytes as they come. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface ServerSent {
  /** The last one that was sent, maybe with an event before. */
  readonly id: string;
  /** `message` where it has no name. */
  readonly name: string;
  /** Empty where only the id came. */
  readonly data: string;
}

/** Characters of one line, and of the data of one event. */
export const lineLimit = 1_048_576;

const tooLong = (): CofferError =>
  new CofferError('invalid_request', `an event is longer than ${lineLimit} characters`);

export class ServerSentReader {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #id = '';
  #name = '';
  #data: string[] = [];
  #length = 0;
  #hasFields = false;

  /** Answers the events that these bytes complete. Throws `invalid_request` for one that is too long. */
  read(piece: Uint8Array): readonly ServerSent[] {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true });
    // A carriage return at the end may be half of a line end.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(end);
    if (this.#rest.length > lineLimit) throw tooLong();
    return lines.map(line => this.#line(line)).filter(event => event !== undefined);
  }

  #line(line: string): ServerSent | undefined {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.#hasFields = true;
    if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'event') this.#name = value;
    else if (name === 'data') this.#add(value);
    return undefined;
  }

  #add(value: string): void {
    this.#length += value.length + 1;
    if (this.#length > lineLimit) throw tooLong();
    this.#data.push(value);
  }

  #finish(): ServerSent | undefined {
    const event = { id: this.#id, name: this.#name === '' ? 'message' : this.#name, data: this.#data.join('\n') };
    const hadFields = this.#hasFields;
    this.#name = '';
    this.#data = [];
    this.#length = 0;
    this.#hasFields = false;
    return hadFields ? event : undefined;
  }
}
