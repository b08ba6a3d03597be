/** Writes an answer whose body comes piece by piece, at the pace of the client. */
import type { WireAnswer } from '../contracts/wire.ts';
import { batchWrites, drained, limitStall, type Socket } from '../platform/net/socket.ts';
import { asBuffer, chunkedHead, type Framing, mayHaveBody } from './answer.ts';

export interface ChunkedFraming extends Framing {
  /** How long the client may take nothing. */
  readonly stallMs: number;
}

const lineEnd = Buffer.from('\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Resolves when the last chunk is written or the client is gone; the source is told to stop in every case. */
export async function writeChunked(socket: Socket, answer: WireAnswer, framing: ChunkedFraming): Promise<void> {
  socket.write(chunkedHead(answer, framing));
  if (answer.body === undefined || answer.body instanceof Uint8Array) return;
  const source = answer.body[Symbol.asyncIterator]();
  const stop = (): void => void source.return?.()?.catch(() => {});
  const cut = (): void => void socket.destroy();
  socket.once('close', stop);
  answer.cut?.addEventListener('abort', cut);
  try {
    if (framing.bodyless || !mayHaveBody(answer.status)) return;
    await writeAll(socket, source, framing);
  } finally {
    socket.removeListener('close', stop);
    answer.cut?.removeEventListener('abort', cut);
    stop();
  }
}

async function writeAll(socket: Socket, source: AsyncIterator<Uint8Array>, framing: ChunkedFraming): Promise<void> {
  for (let step = await source.next(); step.done !== true; step = await source.next()) {
    if (socket.destroyed) return;
    if (step.value.length > 0) writeChunk(socket, asBuffer(step.value));
    if (!socket.writableNeedDrain) continue;
    limitStall(socket, framing.stallMs);
    await drained(socket);
    limitStall(socket, 0);
  }
  if (!socket.destroyed) socket.write(lastChunk);
}

function writeChunk(socket: Socket, chunk: Buffer): void {
  batchWrites(socket);
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
  socket.write(chunk);
  socket.write(lineEnd);
}
