/** What `coffer run` takes from outside. */
export interface RunningIo {
  readonly processes: unknown;
}
