/** Why an address cannot be listened on, in words that say what to do. */
const taken = 'EADDRINUSE';
const reasons: ReadonlyMap<string, string> = new Map([
  [taken, 'another program listens there; stop it or choose another address'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'no address is known by this name'],
  ['EACCES', 'this user may not; ports below 1024 need more rights'],
]);

/** Why an address cannot be listened on. `chosenBy`: the flags or keys that choose one. */
export const listenReason = (code: string, chosenBy: string): string =>
  `${reasons.get(code) ?? code}${code === taken ? ` (${chosenBy})` : ''}`;
