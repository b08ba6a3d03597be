/** One request as bytes on a socket of its own, and what came back. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const limitMs = 20_000;

/** Sends the chunks one by one and reads until the server closes, as `Connection: close` asks it to. */
export const sendRaw = (address: string, chunks: readonly (string | Uint8Array)[]): Promise<RawAnswer> => {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const parts: Buffer[] = [];
    socket.setTimeout(limitMs, () => socket.destroy(new Error('the server neither answered nor closed')));
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.once('error', cause => (parts.length > 0 ? done(parsed(parts)) : failed(cause)));
    socket.once('close', () => done(parsed(parts)));
    socket.once('connect', () => {
      for (const chunk of chunks) socket.write(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    });
  });
};

const parsed = (parts: readonly Buffer[]): RawAnswer => {
  const text = Buffer.concat(parts).toString('utf8');
  const at = text.indexOf('\r\n\r\n');
  const head = at < 0 ? text : text.slice(0, at);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: at < 0 ? '' : text.slice(at + 4) };
};

export interface RawRequest {
  readonly method: string;
  /** Exactly as it goes on the wire, one character for each byte. */
  readonly target: string;
  readonly token?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: readonly string[];
}

export const rawBytes = ({
  method,
  target,
  token,
  body,
  headers = [],
}: RawRequest): readonly (string | Uint8Array)[] => {
  const bytes = body === undefined ? undefined : typeof body === 'string' ? Buffer.from(body) : body;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(token === undefined ? [] : [`X-Vault-Token: ${token}`]),
    ...(bytes === undefined ? [] : [`Content-Length: ${bytes.length}`]),
    ...headers,
  ];
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  return bytes === undefined ? [head] : [head, bytes];
};
