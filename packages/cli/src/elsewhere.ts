/**
 * Commands that people know from other stores and that are not here: why not, or what is in their place. These words are
 * known not to be secrets, so they may be shown.
 */
const builtIn = 'this version has no such secrets engine';
const oneNode = 'nodes meet in their storage and have no members of their own: "coffer read sys/ha-status" lists them';
const inPrograms = '"coffer run" gives programs their secrets';

const reasons: ReadonlyMap<string, string> = new Map([
  ['agent', inPrograms],
  ['proxy', inPrograms],
  ['debug', '"coffer monitor", "coffer read sys/metrics" and "coffer read sys/host-info" show how the server does'],
  ['namespace', 'this version has the root namespace alone'],
  ['plugin', 'engines and auth methods are built in'],
  ['pki', builtIn],
  ['ssh', builtIn],
  ['transform', builtIn],
  ['transit', builtIn],
  ['version-history', '"coffer status" tells the version that runs'],
  ['operator diagnose', 'a server that cannot start says why'],
  ['operator members', oneNode],
  ['operator usage', '"coffer read sys/metrics" counts what is in use'],
  ['operator raft autopilot', oneNode],
  ['operator raft join', oneNode],
  ['operator raft list-peers', oneNode],
  ['operator raft remove-peer', oneNode],
]);

/** `name`: all words of the command. */
export const whyElsewhere = (name: string): string | undefined => reasons.get(name);
