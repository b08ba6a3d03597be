/** What a stage of the run found, as plain data: the summary adds these up and prints them. */

export interface Failure {
  readonly title: string;
  readonly detail: string;
}

export interface StageResult {
  readonly name: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Failure[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** A step of the run. Never rejects: what goes wrong inside is a failure it reports. */
export interface Stage {
  readonly name: string;
  readonly run: () => Promise<StageResult>;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const addUp = (results: readonly StageResult[]): Totals => ({
  passed: results.reduce((sum, result) => sum + result.passed, 0),
  failed: results.reduce((sum, result) => sum + result.failures.length, 0),
  skipped: results.reduce((sum, result) => sum + result.skips.length, 0),
});

/** Where nothing may be skipped, every skip becomes a failure that says what was missing. */
export const forbidSkips = (result: StageResult): StageResult => ({
  ...result,
  failures: [
    ...result.failures,
    ...result.skips.map(skip => ({ title: skip.title, detail: `skipped, and CI=true forbids that: ${skip.detail}` })),
  ],
  skips: [],
});
