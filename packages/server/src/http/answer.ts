/**
 * The bytes of an answer. Promises: no header can split an answer (CR, LF and control characters are refused), the
 * framing headers are the server's own, and a small answer is one buffer, so that it leaves in one write.
 */
import type { WireAnswer } from '../contracts/wire.ts';
import { headerLines } from './header-lines.ts';
import { reasonOf } from './reasons.ts';
import type { Room } from './room.ts';

export interface Framing {
  readonly close: boolean;
  /** The whole `Date:` line. */
  readonly dateLine: string;
  /** HEAD: the length is told, the body is not sent. */
  readonly bodyless: boolean;
}

/** Up to here a body is copied behind its head; a longer one follows as its own buffer. */
export const copiedBytesLimit = 65_536;

const closeLine = 'Connection: close\r\n';
const statusLines = new Map<number, string>();
const statusLinesLimit = 600;

/**
 * Head and body of an answer whose body is whole: one buffer, taken from `room`, or two where the body is long. Throws for a bad
 * header.
 */
export function wholeAnswer(answer: WireAnswer, framing: Framing, room?: Pick<Room, 'take'>): readonly Buffer[] {
  const body = answer.body instanceof Uint8Array ? answer.body : undefined;
  const length = body === undefined ? 0 : body.length;
  const lengthLine = mayHaveBody(answer.status) ? `Content-Length: ${length}\r\n` : '';
  const text = `${startOf(answer, framing)}${lengthLine}${framing.close ? closeLine : ''}\r\n`;
  if (body === undefined || framing.bodyless || lengthLine === '') return [Buffer.from(text, 'latin1')];
  if (length > copiedBytesLimit) return [Buffer.from(text, 'latin1'), asBuffer(body)];
  const whole = room?.take(text.length + length) ?? Buffer.allocUnsafe(text.length + length);
  whole.write(text, 'latin1');
  whole.set(body, text.length);
  return [whole];
}

/** The head of an answer whose body comes in chunks (RFC 9112 §7.1). Throws for a bad header. */
export function chunkedHead(answer: WireAnswer, framing: Framing): Buffer {
  const encoding = mayHaveBody(answer.status) ? 'Transfer-Encoding: chunked\r\n' : '';
  return Buffer.from(`${startOf(answer, framing)}${encoding}${framing.close ? closeLine : ''}\r\n`, 'latin1');
}

/** RFC 9110 §6.4.1; other answers to HEAD tell a length but send nothing. */
export const mayHaveBody = (status: number): boolean => status >= 200 && status !== 204 && status !== 304;

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const startOf = (answer: WireAnswer, framing: Framing): string =>
  statusLine(answer.status) + headerLines(answer.headers) + framing.dateLine;

function statusLine(status: number): string {
  const known = statusLines.get(status);
  if (known !== undefined) return known;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`no such status: ${status}`);
  const line = `HTTP/1.1 ${status} ${reasonOf(status)}\r\n`;
  if (statusLines.size < statusLinesLimit) statusLines.set(status, line);
  return line;
}
