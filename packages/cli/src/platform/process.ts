/** The process itself: arguments, environment, streams and how it ends. */
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import type { Io } from '../io.ts';
import { connect } from './connect.ts';
import { files } from './files.ts';
import { terminal } from './terminal.ts';

interface ServerMain {
  readonly main: (argv: readonly string[]) => Promise<number>;
}

/** Loaded only when asked to run it: everything heavy is there. */
const runPart =
  (name: string) =>
  async (argv: readonly string[]): Promise<number> => {
    const server: ServerMain = await import('@coffer/server/main.ts');
    return server.main([name, ...argv]);
  };

/** A reader that went away (`| head`) is no failure. */
const quietPipe = (error: unknown): void => {
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
};

export const openIo = (): { readonly argv: readonly string[]; readonly io: Io } => {
  process.stdout.on('error', quietPipe);
  const io: Io = {
    out: content => void process.stdout.write(content),
    err: text => void process.stderr.write(text),
    env: name => process.env[name],
    home: homedir(),
    terminal,
    files,
    connect,
    random: length => randomBytes(length),
    server: runPart('server'),
    migrate: runPart('migrate'),
    operator: runPart('operator'),
    operatorManifests: runPart('operator manifests'),
    doctor: runPart('doctor'),
    dev: runPart('dev'),
    loadYaml: async () => (await import('./yaml.ts')).toYaml,
    loadManifests: async () => (await import('./manifest-io.ts')).manifestIo,
    loadRunning: async () => (await import('./running-io.ts')).runningIo,
    loadSnapshots: async () => (await import('./snapshot-io.ts')).snapshotIo,
    loadAudit: async () => (await import('./audit-io.ts')).auditIo,
  };
  return { argv: process.argv.slice(2), io };
};

/** Lets what was written drain first. */
export const endWith = (code: number): void => {
  process.exitCode = code;
};
