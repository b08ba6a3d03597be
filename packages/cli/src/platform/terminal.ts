/** Standard input: all of it, or one hidden line where a person sits at a terminal. */
import { ReadStream } from 'node:tty';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { joinChunks } from '@coffer/client/transport.ts';
import type { Terminal } from '../io.ts';

/** What the server takes in one request, at most. */
const inputLimitBytes = 32 * 1024 * 1024;
const lineLimit = 65_536;

const keys = {
  interrupt: 0x03,
  end: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  del: 0x7f,
} as const;

const readAll = async (): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > inputLimitBytes) throw new CofferError('usage', `standard input: more than ${inputLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return joinChunks(chunks, length);
};

class HiddenLine {
  readonly #bytes: number[] = [];

  /** `undefined` until the line is complete. */
  take(chunk: Uint8Array): 'more' | 'done' | 'interrupted' {
    for (const byte of chunk) {
      if (byte === keys.interrupt) return 'interrupted';
      if (byte === keys.enter || byte === keys.newline || byte === keys.end) return 'done';
      if (byte === keys.del || byte === keys.backspace) this.#bytes.pop();
      else if (byte === keys.clear) this.#bytes.length = 0;
      else if (this.#bytes.length < lineLimit) this.#bytes.push(byte);
    }
    return 'more';
  }

  finish(): Secret {
    return Secret.of(Uint8Array.from(this.#bytes));
  }
}

const readHidden = (input: ReadStream): Promise<Secret> =>
  new Promise((resolve, reject) => {
    const line = new HiddenLine();
    const end = (): void => {
      input.setRawMode(false);
      input.pause();
      input.off('data', take);
      process.stderr.write('\n');
    };
    const take = (chunk: Uint8Array): void => {
      const state = line.take(chunk);
      if (state === 'more') return;
      end();
      if (state === 'done') resolve(line.finish());
      else reject(new CofferError('usage', 'interrupted'));
    };
    input.setRawMode(true);
    input.on('data', take);
    input.resume();
  });

/** Raw mode is what keeps the typed characters from being shown. */
const ask = async (label: string): Promise<Secret | undefined> => {
  const input = process.stdin;
  if (!(input instanceof ReadStream) || !input.isTTY) return undefined;
  process.stderr.write(label);
  return readHidden(input);
};

export const terminal: Terminal = { readAll, ask };
