/** Writes an answer whose body comes piece by piece, at the pace of the client. */
import type { WireAnswer } from '../contracts/wire.ts';
import type { Socket } from '../platform/net/socket.ts';
import { asBuffer, chunkedHead, type Framing, mayHaveBody } from './answer.ts';

export interface ChunkedFraming extends Framing {
  /** Told when the client stops taking, and when it goes on. */
  stalled(isStalled: boolean): void;
}

const lineEnd = Buffer.from('\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Resolves when the last chunk is written or the client is gone; the source is told to stop in every case. */
export async function writeChunked(socket: Socket, answer: WireAnswer, framing: ChunkedFraming): Promise<void> {
  socket.write(chunkedHead(answer, framing));
  if (answer.body === undefined || answer.body instanceof Uint8Array) return;
  const source = answer.body[Symbol.asyncIterator]();
  const stop = (): void => void source.return?.()?.catch(() => {});
  socket.once('close', stop);
  try {
    if (framing.bodyless || !mayHaveBody(answer.status)) return;
    await writeAll(socket, source, framing);
  } finally {
    socket.removeListener('close', stop);
    stop();
  }
}

async function writeAll(socket: Socket, source: AsyncIterator<Uint8Array>, framing: ChunkedFraming): Promise<void> {
  for (let step = await source.next(); step.done !== true; step = await source.next()) {
    if (socket.destroyed) return;
    if (step.value.length > 0) writeChunk(socket, asBuffer(step.value));
    if (socket.writableNeedDrain) await drained(socket, framing);
  }
  if (!socket.destroyed) socket.write(lastChunk);
}

function writeChunk(socket: Socket, chunk: Buffer): void {
  socket.cork();
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
  socket.write(chunk);
  socket.write(lineEnd);
  socket.uncork();
}

function drained(socket: Socket, framing: ChunkedFraming): Promise<void> {
  framing.stalled(true);
  return new Promise(resolve => {
    const done = (): void => {
      socket.removeListener('drain', done);
      socket.removeListener('close', done);
      framing.stalled(false);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
