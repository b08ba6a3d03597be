/** The opening handshake of a WebSocket (RFC 6455 §4.2). */
import type { WireAnswer, WireHeaders } from '../../contracts/wire.ts';
import { sha1Base64 } from '../../platform/crypto/hash.ts';
import { headerLines } from '../header-lines.ts';

/** 16 bytes in base64. */
const keyPattern = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const hasToken = (value: string | undefined, token: string): boolean =>
  value !== undefined && value.split(',').some(part => part.trim().toLowerCase() === token);

/** Whether a GET without a body is a whole, correct handshake. */
export const isHandshake = (headers: WireHeaders): boolean =>
  headers.get('upgrade')?.toLowerCase() === 'websocket' &&
  hasToken(headers.get('connection'), 'upgrade') &&
  headers.get('sec-websocket-version') === '13' &&
  keyPattern.test(headers.get('sec-websocket-key') ?? '');

/** The server's part. No extension and no subprotocol is agreed on. Throws `TypeError` for a bad header. */
export const acceptance = (headers: WireHeaders, answer: WireAnswer, dateLine: string): string => {
  const accept = sha1Base64(`${headers.get('sec-websocket-key') ?? ''}${acceptSuffix}`);
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${headerLines(answer.headers)}${dateLine}\r\n`;
};
