/** What one check has to say: what was looked at, what was found, what that means, and what to do about it. */

/** Places on the way of a secret, in its order. */
export const steps = ['cluster', 'ExternalSecret', 'operator', 'store', 'login', 'entry', 'Secret', 'pods'] as const;
export type Step = (typeof steps)[number];

/** `stops`: the secret gets no further. `unknown`: it could not be looked at. */
export type Verdict = 'ok' | 'stops' | 'warning' | 'unknown';

export interface Finding {
  readonly step: Step;
  /** Its name: `Secret shop/db`. */
  readonly about: string;
  /** One line. Names, never values. */
  readonly found: string;
  readonly verdict: Verdict;
  /** One command where possible. */
  readonly todo?: string | undefined;
  /**
   * `suspect`: this may be why, where nothing plainer is. `symptom`: something before it is why, where there is something.
   * `proof`: whatever a suspect says, the Secret is right.
   */
  readonly part?: 'suspect' | 'symptom' | 'proof' | undefined;
}

/** Findings of one step about one thing. */
export const findingsOf = (step: Step, about: string) => {
  const say =
    (verdict: Verdict) =>
    (found: string, todo?: string, part?: Finding['part']): Finding => ({ step, about, found, verdict, todo, part });
  return { ok: say('ok'), stops: say('stops'), warning: say('warning'), unknown: say('unknown') };
};
