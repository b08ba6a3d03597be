/**
 * Frames of a WebSocket (RFC 6455 §5). The server writes whole, unmasked messages. Of a client it takes control frames;
 * data frames are told by their first two bytes and never read, since nothing is to be said to a stream.
 */
import { isUtf8 } from '../../platform/net/utf8.ts';

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** RFC 6455 §5.5. */
export const controlBytesLimit = 125;
const final = 0x80;
const reserved = 0x70;
const masked = 0x80;
const maskBytes = 4;
const codeBytes = 2;

/** What stands before a message of so many bytes. */
export const frameHead = (opcode: Opcode, length: number): Buffer => {
  if (length < 126) return Buffer.of(final | opcode, length);
  if (length < 65_536) return Buffer.of(final | opcode, 126, length >>> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head[0] = final | opcode;
  head[1] = 127;
  head.writeUIntBE(length, 4, 6);
  return head;
};

/** The payload of a close frame; a reason that is too long is cut. */
export const closePayload = (code: number, reason: string): Buffer => {
  const text = Buffer.from(reason).subarray(0, controlBytesLimit - codeBytes);
  return Buffer.concat([Buffer.of(code >>> 8, code & 0xff), text]);
};

export type Frame =
  | { readonly kind: 'ping' | 'pong'; readonly payload: Buffer }
  /** The code to answer with. */
  | { readonly kind: 'close'; readonly code: number }
  /** It must not be: the code that says why. */
  | { readonly kind: 'fault'; readonly code: number; readonly reason: string };

const protocolError = (reason: string): Frame => ({ kind: 'fault', code: 1002, reason });

/** Codes that may stand in a frame (RFC 6455 §7.4). */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

const closeOf = (payload: Buffer): Frame => {
  if (payload.length === 0) return { kind: 'close', code: 1000 };
  if (payload.length === 1) return protocolError('a close frame of one byte');
  const code = payload.readUInt16BE(0);
  if (!isSendable(code)) return protocolError('a close code that cannot be sent');
  if (!isUtf8(payload.subarray(codeBytes))) return { kind: 'fault', code: 1007, reason: 'a reason that is not UTF-8' };
  return { kind: 'close', code };
};

const faultOf = (first: number, second: number): Frame | undefined => {
  const opcode = first & 0x0f;
  if ((first & reserved) !== 0) return protocolError('a reserved bit');
  if ((second & masked) === 0) return protocolError('a frame without a mask');
  if (opcode <= opcodes.binary) return { kind: 'fault', code: 1008, reason: 'no messages are taken here' };
  if (opcode < opcodes.close || opcode > opcodes.pong) return protocolError('an unknown opcode');
  if ((first & final) === 0) return protocolError('a control frame in pieces');
  return (second & 0x7f) > controlBytesLimit ? protocolError('a control frame that is too long') : undefined;
};

/** Takes a client's bytes as they come. Holds at most one unfinished control frame. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** Hands each frame to `take`, until that answers false or a frame is at fault. */
  read(chunk: Buffer, take: (frame: Frame) => boolean): void {
    let bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let goesOn = true; goesOn && bytes.length >= 2; ) {
      const [first = 0, second = 0] = bytes;
      const fault = faultOf(first, second);
      const end = 2 + maskBytes + (second & 0x7f);
      if (fault === undefined && bytes.length < end) break;
      goesOn = take(fault ?? frameOf(first & 0x0f, unmasked(bytes.subarray(2, end)))) && fault === undefined;
      bytes = bytes.subarray(Math.min(end, bytes.length));
      if (!goesOn) bytes = Buffer.alloc(0);
    }
    this.#bytes = bytes.length === 0 ? bytes : Buffer.from(bytes);
  }
}

const unmasked = (body: Buffer): Buffer => {
  const payload = Buffer.from(body.subarray(maskBytes));
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (body[at % maskBytes] ?? 0);
  return payload;
};

const frameOf = (opcode: number, payload: Buffer): Frame => {
  if (opcode === opcodes.close) return closeOf(payload);
  return { kind: opcode === opcodes.ping ? 'ping' : 'pong', payload };
};
