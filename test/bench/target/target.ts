/** A server that is measured. */
export interface Target {
  readonly name: 'audit on' | 'audit off' | 'limit' | 'against' | 'postgresql' | 'anchored';
  readonly host: string;
  readonly port: number;
  /** The token that the load is sent with: not root. */
  readonly token: string;
  /** Undefined where the process is not ours to look at. */
  readonly pid: number | undefined;
}
