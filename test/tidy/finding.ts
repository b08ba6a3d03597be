/**
 * What a rule finds, and the ratchet: exceptions of today with their size, which may only shrink. A finding beyond the
 * ratchet fails; so does an entry that is larger than what is found, so that what was won stays won.
 */

export interface Finding {
  readonly file: string;
  readonly line: number;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** How much of it: lines of a file that is too long, otherwise 1. */
  readonly amount?: number;
}

/** rule → file → how much of it is let pass. */
export type Ratchet = Readonly<Record<string, Readonly<Record<string, number>>>>;

const totals = (findings: readonly Finding[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const finding of findings) sums.set(finding.file, (sums.get(finding.file) ?? 0) + (finding.amount ?? 1));
  return sums;
};

/** The complaints that remain once the ratchet's entries for this rule are taken off. Empty: the rule holds. */
export const complaints = (rule: string, findings: readonly Finding[], ratchet: Ratchet): string[] => {
  const allowed = new Map(Object.entries(ratchet[rule] ?? {}));
  const found = totals(findings);
  const over = findings
    .filter(({ file }) => (found.get(file) ?? 0) > (allowed.get(file) ?? 0))
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const slack = [...allowed]
    .filter(([file, amount]) => (found.get(file) ?? 0) < amount)
    .map(
      ([file, amount]) =>
        `${file}: better than test/tidy/ratchet.json says (${found.get(file) ?? 0}, not ${amount}): lower its entry under "${rule}"`,
    );
  return [...over, ...slack];
};
