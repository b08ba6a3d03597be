/**
 * The strict front parser (D1): reads one request head out of received bytes, in one pass, or says why not.
 *
 * Promises: `whole` and `foreign` heads have exactly one `Host`, and framing that can be read in one way only: either
 * at most one `Content-Length` of plain digits, or one `Transfer-Encoding: chunked` (foreign), never both. Whatever
 * RFC 9112 lets a recipient guess at (bare LF, folded lines, space before the colon, control characters) is refused.
 */
import {
  colon,
  CR,
  fieldBytes,
  HT,
  hostBytes,
  knownMethod,
  LF,
  sameText,
  slash,
  SP,
  targetBytes,
  tokenBytes,
} from './grammar.ts';
import type { Head } from './head.ts';
import type { HttpLimits } from './limits.ts';
import { isHandshake } from './websocket/handshake.ts';

export type Verdict = 'incomplete' | 'whole' | 'foreign' | 'refused';

/** In place of an offset: more bytes are needed, or the fault is noted in the head. */
const incomplete = -1;
const refused = -2;

const framing = { host: 1, length: 2, encoding: 4, connection: 8 } as const;

/** 15 digits stay below 2^53; every limit on bodies is far below. */
const lengthDigits = 15;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reads the head that starts at `span.start`; `head.end` tells where it ends. */
export function scanHead(head: Head, span: Span, limits: HttpLimits): Verdict {
  const { end } = span;
  let at = scanRequestLine(head, skipEmptyLine(head.bytes, span), end);
  while (at >= 0) {
    const ended = emptyLine(head, at, end);
    if (ended === incomplete) at = incomplete;
    else if (ended !== 0)
      return ended === refused ? 'refused' : settle(head, { start: span.start, end: ended }, limits);
    else at = scanField(head, at, end);
    if (head.fields.length > limits.headerFields * 4) return tooLarge(head, 'the request has too many header fields');
  }
  if (at === refused) return 'refused';
  return overLimits(head, span, limits) ? 'refused' : 'incomplete';
}

/** Old clients send an empty line after a body; one is skipped (RFC 9112 §2.2). */
function skipEmptyLine(bytes: Buffer, { start, end }: Span): number {
  return end - start >= 2 && bytes[start] === CR && bytes[start + 1] === LF ? start + 2 : start;
}

function scanRequestLine(head: Head, start: number, end: number): number {
  const { bytes } = head;
  let at = start;
  while (at < end && tokenBytes[bytes[at] as number] === 1) at++;
  if (at === end) return incomplete;
  if (bytes[at] !== SP || at === start) return emptyStart(head, start, end);
  const method = knownMethod(bytes, start, at);
  head.isUnknown = method === undefined;
  head.method = method ?? bytes.toString('latin1', start, Math.min(at, start + 32));
  head.targetStart = ++at;
  while (at < end && targetBytes[bytes[at] as number] === 1) at++;
  if (at === end) return incomplete;
  if (bytes[at] !== SP || at === head.targetStart) return refuse(head, 'malformed request line');
  head.targetEnd = at;
  if (bytes[head.targetStart] !== slash) head.foreign = true;
  return scanVersion(head, at + 1, end);
}

/** A first line without a method: maybe the half of an empty line. */
function emptyStart(head: Head, start: number, end: number): number {
  return head.bytes[start] === CR && end - start === 1 ? incomplete : refuse(head, 'malformed request line');
}

const version = 'HTTP/1.';

function scanVersion(head: Head, start: number, end: number): number {
  const { bytes } = head;
  for (let index = 0; index < version.length; index++) {
    if (start + index >= end) return incomplete;
    if (bytes[start + index] !== version.charCodeAt(index)) return refuse(head, 'unsupported protocol version');
  }
  const at = start + version.length;
  if (at >= end) return incomplete;
  if (bytes[at] === 0x30) head.foreign = true;
  else if (bytes[at] !== 0x31) return refuse(head, 'unsupported protocol version');
  return lineEnd(head, at + 1, end);
}

/** The offset after CRLF at `at`. */
function lineEnd(head: Head, at: number, end: number): number {
  if (at >= end) return incomplete;
  if (head.bytes[at] !== CR) return refuse(head, 'malformed line end');
  if (at + 1 >= end) return incomplete;
  return head.bytes[at + 1] === LF ? at + 2 : refuse(head, 'malformed line end');
}

/** The offset after the empty line at `at`, 0 where there is none. */
function emptyLine(head: Head, at: number, end: number): number {
  if (at >= end) return incomplete;
  const byte = head.bytes[at];
  return byte === CR || byte === LF ? lineEnd(head, at, end) : 0;
}

function scanField(head: Head, start: number, end: number): number {
  const { bytes } = head;
  let at = start;
  while (at < end && tokenBytes[bytes[at] as number] === 1) at++;
  if (at === end) return incomplete;
  if (bytes[at] !== colon || at === start) return refuse(head, 'malformed header name');
  const nameEnd = at++;
  while (at < end && (bytes[at] === SP || bytes[at] === HT)) at++;
  const valueStart = at;
  while (at < end && fieldBytes[bytes[at] as number] === 1) at++;
  if (at === end) return incomplete;
  let valueEnd = at;
  while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HT)) valueEnd--;
  if (bytes[at] !== CR) return refuse(head, 'malformed header value');
  const next = lineEnd(head, at, end);
  if (next < 0) return next;
  head.fields.push(start, nameEnd, valueStart, valueEnd);
  return noteField(head, { start: valueStart, end: valueEnd }, start) ? next : refused;
}

/** Reads the fields that decide where the message ends and what becomes of the connection. False where one is refused. */
function noteField(head: Head, value: Span, nameStart: number): boolean {
  const { bytes } = head;
  switch (nameLength(head)) {
    case 4:
      return !sameText(bytes, nameStart, 'host') || noteHost(head, value);
    case 6:
      if (sameText(bytes, nameStart, 'expect')) head.foreign = true;
      return true;
    case 7:
      if (sameText(bytes, nameStart, 'upgrade')) head.asksMore = true;
      return true;
    case 10:
      if (sameText(bytes, nameStart, 'connection')) noteConnection(head, value);
      return true;
    case 14:
      return !sameText(bytes, nameStart, 'content-length') || noteLength(head, value);
    case 17:
      return !sameText(bytes, nameStart, 'transfer-encoding') || noteEncoding(head, value);
    default:
      return true;
  }
}

function nameLength(head: Head): number {
  const { fields } = head;
  return (fields[fields.length - 3] as number) - (fields[fields.length - 4] as number);
}

function noteHost(head: Head, { start, end }: Span): boolean {
  if (!first(head, framing.host)) return fault(head, 'more than one Host header');
  for (let at = start; at < end; at++) {
    if (hostBytes[head.bytes[at] as number] !== 1) return fault(head, 'malformed Host header');
  }
  return true;
}

function noteConnection(head: Head, { start, end }: Span): void {
  if (!first(head, framing.connection)) head.asksMore = true;
  else if (end - start === 5 && sameText(head.bytes, start, 'close')) head.close = true;
  else if (end - start !== 10 || !sameText(head.bytes, start, 'keep-alive')) head.asksMore = true;
}

function noteLength(head: Head, { start, end }: Span): boolean {
  if (!first(head, framing.length)) return fault(head, 'more than one Content-Length header');
  if (end === start || end - start > lengthDigits) return fault(head, 'malformed Content-Length header');
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = (head.bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return fault(head, 'malformed Content-Length header');
    length = length * 10 + digit;
  }
  head.contentLength = length;
  return true;
}

function noteEncoding(head: Head, { start, end }: Span): boolean {
  if (!first(head, framing.encoding)) return fault(head, 'more than one Transfer-Encoding header');
  head.foreign = true;
  return (end - start === 7 && sameText(head.bytes, start, 'chunked')) || fault(head, 'unsupported Transfer-Encoding');
}

function first(head: Head, bit: number): boolean {
  const isFirst = (head.framing & bit) === 0;
  head.framing |= bit;
  return isFirst;
}

/** Judges a head that is all there. */
function settle(head: Head, span: Span, limits: HttpLimits): Verdict {
  head.end = span.end;
  if (overLimits(head, span, limits)) return 'refused';
  const seen = head.framing;
  const isOld = head.bytes[head.targetEnd + 8] === 0x30;
  if ((seen & framing.host) === 0 && !isOld) return refusedWhole(head, 'missing Host header');
  if ((seen & framing.encoding) !== 0 && ((seen & framing.length) !== 0 || isOld)) {
    return refusedWhole(head, 'ambiguous message length');
  }
  if (head.isUnknown) return notAllowed(head);
  if (!head.foreign && !head.asksMore) return 'whole';
  if (head.method === 'GET' && !head.foreign && head.contentLength === 0 && isHandshake(head)) {
    head.upgrades = true;
    return 'whole';
  }
  if (head.method !== 'LIST' && head.method !== 'SCAN') return 'foreign';
  head.close = true;
  if (!head.foreign) return 'whole';
  return refusedWhole(head, `${head.method} cannot be asked in this form`);
}

function overLimits(head: Head, { start, end }: Span, limits: HttpLimits): boolean {
  const lineEnds = head.targetEnd === 0 ? end : head.targetEnd;
  if (lineEnds - start > limits.requestLineBytes) return tooLarge(head, 'the request line is too long') === 'refused';
  return end - start > limits.headBytes && tooLarge(head, 'the request headers are too large') === 'refused';
}

function tooLarge(head: Head, message: string): Verdict {
  head.fault = message;
  head.faultStatus = 431;
  return 'refused';
}

/** Nobody here answers such a request, so nobody needs to read its body, in whatever form it comes. */
function notAllowed(head: Head): Verdict {
  head.fault = '';
  head.faultStatus = 405;
  return 'refused';
}

function refuse(head: Head, message: string): number {
  head.fault = message;
  return refused;
}

function refusedWhole(head: Head, message: string): Verdict {
  head.fault = message;
  return 'refused';
}

function fault(head: Head, message: string): false {
  head.fault = message;
  return false;
}
