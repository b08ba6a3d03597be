/** What tokens and leases went through since the server started: fixed names, one addition each. */
export const tallied = [
  'service token made',
  'batch token made',
  'token looked up',
  'token renewed',
  'token revoked',
  'lease made',
  'lease renewed',
  'lease revoked',
] as const;
export type Tallied = (typeof tallied)[number];

const place: ReadonlyMap<Tallied, number> = new Map(tallied.map((name, at) => [name, at]));

export class Tally {
  readonly #counts = new Float64Array(tallied.length);

  add(name: Tallied, count = 1): void {
    const at = place.get(name) ?? 0;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  of(name: Tallied): number {
    return this.#counts[place.get(name) ?? 0] ?? 0;
  }
}
