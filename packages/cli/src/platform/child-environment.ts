/**
 * The environment for a program that `coffer` starts: the caller's own, with what the launcher (bin/coffer) changed for
 * Node put back, so that a Node program started by `coffer run` keeps its NODE_OPTIONS and writes to no cache of ours.
 */
export type Environment = { readonly [name: string]: string | undefined };

const ours: ReadonlySet<string> = new Set(['COFFER_CALLER_NODE_OPTIONS', 'COFFER_SET_NODE_COMPILE_CACHE']);

export const childEnvironment = (env: Environment): { [name: string]: string | undefined } => {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !ours.has(name) && !(name === 'NODE_COMPILE_CACHE' && env['COFFER_SET_NODE_COMPILE_CACHE'] !== undefined),
  );
  const options = env['COFFER_CALLER_NODE_OPTIONS'];
  return Object.fromEntries(options === undefined ? kept : [...kept, ['NODE_OPTIONS', options]]);
};
