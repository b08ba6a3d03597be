/** Environment variables: `COFFER_X` before `BAO_X` before `VAULT_X`. One that is set wins, even when empty. */
const prefixes = ['COFFER_', 'BAO_', 'VAULT_'] as const;

export type Env = (name: string) => string | undefined;

/** `undefined` where none is set, or the one that counts is empty. */
export const setting = (env: Env, name: string): string | undefined => {
  for (const prefix of prefixes) {
    const value = env(prefix + name);
    if (value !== undefined) return value === '' ? undefined : value;
  }
  return undefined;
};

/** The name of the variable that counts, to name it in a message. */
export const settingName = (env: Env, name: string): string | undefined =>
  prefixes.map(prefix => prefix + name).find(full => env(full) !== undefined);
