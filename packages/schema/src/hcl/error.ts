/** A place in a text, both parts 1-based; columns count characters, not bytes. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What an HCL or JSON document does wrong, and where. The reason names what was expected, never a value of the text. */
export class HclError extends Error {
  override readonly name = 'HclError';
  readonly line: number;
  readonly column: number;
  readonly reason: string;

  constructor(place: Place, reason: string) {
    super(`At ${place.line}:${place.column}: ${reason}`);
    this.line = place.line;
    this.column = place.column;
    this.reason = reason;
  }
}
