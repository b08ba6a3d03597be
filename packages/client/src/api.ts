/** The API that typed calls know. */
export interface Api {
  readonly 'sys/mounts/:path*': {
    readonly read: {
      readonly in: { readonly path: string };
      readonly out: { readonly type: string; readonly accessor: string };
    };
    readonly write: {
      readonly in: { readonly path: string; readonly type: string; readonly description?: string };
      readonly out: Record<never, never>;
    };
  };
}
