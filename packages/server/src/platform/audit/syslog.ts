/**
 * An audit target that is a system log. Another machine's is written to as RFC 5424 says, by UDP (RFC 5426, one datagram a
 * record, and nobody says whether it arrives) or TCP (RFC 6587, octet counting). The runtime has no unix datagrams, so this
 * machine's is written to by the program `logger`, which is fed lines: what it has taken counts as written.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { hostname } from 'node:os';
import { stat } from 'node:fs/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Target } from './batches.ts';
import { linesOf } from './lines.ts';
import { openStream } from './stream.ts';

export interface SyslogOptions {
  readonly facility: number;
  readonly tag: string;
  /** Undefined is the log of this machine. */
  readonly address: { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number } | undefined;
  readonly limitMs: number;
}

const informational = 6;
const severities = 8;
/** What fits into a datagram of IPv4. A record that was cut would be a record of something else. */
const messageLimit = 65_507;

export const openSyslog = async (options: SyslogOptions): Promise<Target> => {
  const { address, limitMs } = options;
  if (address === undefined) return openLocal(options);
  if (address.transport === 'udp') return udpTarget(options, address);
  const stream = await openStream(address, limitMs);
  return {
    write: bytes => stream.write(counted([...linesOf(bytes)].map(line => message(options, line)))),
    reopen: stream.reopen,
    close: stream.close,
  };
};

const counted = (messages: readonly Buffer[]): Buffer =>
  Buffer.concat(messages.flatMap(one => [Buffer.from(`${one.length} `), one]));

/** RFC 5424, section 6. */
const message = ({ facility, tag }: SyslogOptions, line: Buffer): Buffer => {
  const priority = facility * severities + informational;
  const head = `<${priority}>1 ${new Date().toISOString()} ${hostname()} ${tag} ${process.pid} - - `;
  return Buffer.concat([Buffer.from(head), line]);
};

const tooLong = (): CofferError =>
  new CofferError('audit_failed', `a record is longer than a message of the system log may be: ${messageLimit} bytes`);

const udpTarget = (
  options: SyslogOptions,
  { host, port }: { readonly host: string; readonly port: number },
): Target => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => {});
  const send = (one: Buffer): Promise<void> => {
    if (one.length > messageLimit) return Promise.reject(tooLong());
    return new Promise((done, failed) => {
      socket.send(one, port, host, cause => (cause === null ? done() : failed(cause)));
    });
  };
  return {
    write: bytes =>
      each(
        [...linesOf(bytes)].map(line => message(options, line)),
        send,
      ),
    reopen: async () => undefined,
    close: async () => void socket.close(),
  };
};

/** All of them, also those after one that cannot be sent. */
const each = async (messages: readonly Buffer[], send: (one: Buffer) => Promise<void>): Promise<void> => {
  const results = await Promise.allSettled(messages.map(send));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

const localLog = '/dev/log';

const openLocal = async ({ facility, tag, limitMs }: SyslogOptions): Promise<Target> => {
  await stat(localLog).catch((cause: unknown) => {
    throw new CofferError('audit_failed', `there is no system log on this machine: ${localLog} cannot be found`, {
      cause,
    });
  });
  const priority = String(facility * severities + informational);
  let child: ChildProcess | undefined;
  const start = (): ChildProcess => {
    const args = ['--tag', tag, '--prio-prefix', '--size', String(messageLimit), '--socket', localLog];
    const made = spawn('logger', args, { stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    const forget = (): void => {
      if (child === made) child = undefined;
    };
    made.once('error', forget);
    made.once('exit', forget);
    made.stdin?.on('error', forget);
    child = made;
    return made;
  };
  return {
    write: bytes => {
      const lines = [...linesOf(bytes)];
      const fitting = lines.filter(line => line.length <= messageLimit);
      const text = Buffer.concat(fitting.flatMap(line => [Buffer.from(`<${priority}>`), line, Buffer.from('\n')]));
      const written = feed(child ?? start(), text, limitMs);
      return fitting.length === lines.length ? written : written.then(() => Promise.reject(tooLong()));
    },
    reopen: async () => undefined,
    close: async () => void child?.stdin?.end(),
  };
};

const feed = (child: ChildProcess, text: Buffer, limitMs: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = (): void =>
    reject(new CofferError('audit_failed', 'the program `logger` has ended, or cannot be started'));
  child.once('error', ended);
  child.once('exit', ended);
  child.stdin?.write(text, cause => (cause === undefined || cause === null ? resolve() : reject(cause)));
  return promise.finally(() => {
    clearTimeout(timer);
    child.removeListener('error', ended);
    child.removeListener('exit', ended);
  });
};
