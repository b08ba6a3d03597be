/** Reading answers: never more than is allowed, and JSON only where it is JSON. */
import type { IncomingMessage } from 'node:http';
import { answerLimitBytes, lineLimitBytes } from './bounds.ts';
import { Broken } from './transport.ts';

/** The answer is not what the API server would send. The message quotes nothing. */
export class Garbled extends Error {}

/** There is more of it than is taken. */
export class TooLarge extends Garbled {}

const chunksOf = async function* (message: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of message) yield chunk as Buffer;
  } catch (error) {
    throw new Broken(`the connection broke (${(error as NodeJS.ErrnoException).code ?? 'closed'})`, true);
  }
};

const refuseLarge = (length: number): void => {
  if (length > answerLimitBytes) throw new TooLarge(`the answer is larger than ${answerLimitBytes} bytes`);
};

export const readBody = async (message: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let length = 0;
  refuseLarge(Number(message.headers['content-length'] ?? 0));
  for await (const chunk of chunksOf(message)) {
    length += chunk.length;
    refuseLarge(length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch {
    throw new Garbled('the answer is not JSON');
  }
};

const newline = 0x0a;

/** Whole lines. What stands after the last newline was cut off on its way, and is dropped. `heard`: something came. */
export const linesOf = async function* (message: IncomingMessage, heard: () => void): AsyncGenerator<Uint8Array> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(message)) {
    heard();
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      held.push(chunk.subarray(from, at));
      const line = Buffer.concat(held);
      [held, length, from] = [[], 0, at + 1];
      if (line.length > 0) yield line;
    }
    const rest = chunk.subarray(from);
    length += rest.length;
    if (length > lineLimitBytes) throw new Garbled(`an event is larger than ${lineLimitBytes} bytes`);
    held.push(rest);
  }
};
