/** A server in a child process: what it says, and where it listens once it has said so. */
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

export const startLimitMs = 60_000;

export interface Listening {
  readonly address: string;
  /** Everything it has said. */
  said(): string;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** `ready` finds the address in what is said. Rejects where the child ends before, or says nothing of the kind in time. */
export const listening = async (
  child: ChildProcessByStdio<null, Readable, Readable>,
  ready: RegExp,
): Promise<Listening> => {
  let said = '';
  const ended = new Promise<number | string>(done =>
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')),
  );
  const address = await new Promise<string>((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`the server did not start:\n${said}`)), startLimitMs);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = ready.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      done(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(code => {
      clearTimeout(timer);
      failed(new Error(`the server ended (${code}):\n${said}`));
    });
  });
  return { address, said: () => said, ended };
};
