/** `run`, when it is asked for: reads the secrets, starts the program with them, follows them, clears up. */
import { parseDuration } from '@coffer/schema/duration.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Cx } from '../cx.ts';
import { inPath, type Sought } from '../missing-mount.ts';
import type { Delivery } from '../running/delivery.ts';
import { Follower } from '../running/follow.ts';
import { Reader } from '../running/reader.ts';
import { endingSignals, Supervisor } from '../running/supervisor.ts';
import type { Environment, PrivateFiles, RunningIo } from '../running/surroundings.ts';
import { pathsOf, type Wanted, wantedOf } from '../running/wanted.ts';
import { refuseIdle } from './run-flags.ts';

const signals: ReadonlySet<string> = new Set(['HUP', 'INT', 'TERM', 'QUIT', 'USR1', 'USR2', 'WINCH']);
const tokenVariables: ReadonlySet<string> = new Set(['COFFER_TOKEN', 'BAO_TOKEN', 'VAULT_TOKEN']);
const longestSeconds = 86_400;

const msOf = (cx: Cx, flag: string, fallback: string): number => {
  let seconds = Number.NaN;
  try {
    seconds = parseDuration(cx.flags.text(flag) ?? fallback);
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
  }
  if (seconds >= 1 && seconds <= longestSeconds) return seconds * 1000;
  throw new CofferError('usage', `-${flag}: expected a duration from 1s to 24h`);
};

/** `undefined`: secrets are not followed; `''`: restart; else the signal. */
const onChangeOf = (cx: Cx): string | undefined => {
  const given = cx.flags.text('on-change');
  if (given === undefined) return undefined;
  if (given === 'restart') return '';
  const name = given.startsWith('signal:') ? given.slice('signal:'.length).replace(/^SIG/, '') : '';
  if (signals.has(name)) return `SIG${name}`;
  throw new CofferError('usage', `-on-change: expected restart, or signal:NAME with one of ${[...signals].join(', ')}`);
};

const wantedIn = ({ flags }: Cx): Wanted =>
  wantedOf({
    env: flags.all('env'),
    file: flags.all('file'),
    whole: flags.all('env-all'),
    prefix: flags.text('env-prefix') ?? '',
  });

export const soughtOf = async (cx: Cx): Promise<readonly Sought[]> => pathsOf(wantedIn(cx)).map(inPath);

class Run {
  readonly #cx: Cx;
  readonly #io: RunningIo;
  readonly #files: PrivateFiles;
  readonly #supervisor: Supervisor;
  readonly #onChange: string | undefined;
  readonly #places = new Map<string, string>();
  #delivery: Delivery | undefined;
  #started = false;

  constructor(cx: Cx, io: RunningIo) {
    this.#cx = cx;
    this.#io = io;
    this.#onChange = onChangeOf(cx);
    this.#files = io.openFiles(cx.flags.bool('replace-files'));
    this.#supervisor = new Supervisor(io.processes, io.timer.after, {
      command: cx.args,
      graceMs: msOf(cx, 'grace', '10s'),
      restartEveryMs: msOf(cx, 'restart-every', '30s'),
      say: line => this.#say(line),
    });
  }

  async run(): Promise<number> {
    const quiet = this.#io.processes.onSignal(signal => this.#signal(signal));
    try {
      const client = await this.#cx.questions();
      const follower = this.#follower(new Reader(client));
      await this.#deliver(await follower.first());
      const keeper = client.keepTokenAlive({ onEnded: reason => this.#tokenEnds(reason) });
      if (this.#onChange !== undefined) follower.start();
      this.#started = true;
      try {
        return await this.#supervisor.run(() => this.#environment());
      } finally {
        keeper.stop();
        follower.stop();
      }
    } finally {
      this.#files.remove();
      quiet();
    }
  }

  /** Before there is a program, what asks for the end ends this command: nothing may be waited for. */
  #signal(signal: string): void {
    if (this.#started) return this.#supervisor.signal(signal);
    if (!endingSignals.has(signal)) return;
    this.#files.remove();
    this.#io.leave(this.#io.processes.signalExit(signal));
  }

  #follower(reader: Reader): Follower {
    return new Follower(reader, this.#io.timer, {
      wanted: wantedIn(this.#cx),
      intervalMs: msOf(this.#cx, 'check-every', '10s'),
      onChange: delivery => this.#changed(delivery),
      say: line => this.#say(line),
    });
  }

  async #deliver(delivery: Delivery): Promise<void> {
    if (delivery.unfit.length > 0) this.#say(`no variables, left out: ${delivery.unfit.join(', ')}`);
    for (const [name, value] of delivery.files) {
      const place = this.#places.get(name) ?? (await this.#files.place(name));
      this.#places.set(name, place);
      await this.#files.write(place, value.reveal());
    }
    this.#delivery = delivery;
  }

  async #changed(delivery: Delivery): Promise<void> {
    await this.#deliver(delivery);
    if (this.#onChange === '') this.#supervisor.restart();
    else if (this.#onChange !== undefined) this.#supervisor.notify(this.#onChange);
  }

  #environment(): Environment {
    const env = new Map(this.#io.environment());
    if (!this.#cx.flags.bool('pass-token')) for (const name of tokenVariables) env.delete(name);
    const own = [...this.#places].find(([name]) => !name.startsWith('/'))?.[1];
    if (own !== undefined) env.set('COFFER_RUN_DIR', own.slice(0, own.lastIndexOf('/')));
    for (const [name, value] of this.#delivery?.env ?? []) env.set(name, value);
    return env;
  }

  /** Matters only where secrets are followed: the program has what it was started with. */
  #tokenEnds(reason: CofferError): void {
    if (this.#onChange !== undefined) this.#say(`the token is not renewed: ${reason.publicMessage}`);
  }

  #say(line: string): void {
    this.#cx.io.err(`coffer run: ${line}\n`);
  }
}

export const runProgram = async (cx: Cx): Promise<number> => {
  refuseIdle(cx.flags);
  const io = await cx.io.loadRunning();
  const code = await new Run(cx, io).run();
  io.leave(code);
  return code;
};
