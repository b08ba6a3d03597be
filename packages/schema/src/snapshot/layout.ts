/**
 * What a snapshot is: a gzipped tar archive of these files, in this order. Other stores' tools look for the last one to know
 * that a snapshot is whole.
 */
export const metaFile = 'meta.json';
export const stateFile = 'state.bin';
export const sumsFile = 'SHA256SUMS';
export const sealedFile = 'SHA256SUMS.sealed';

/** The newest this version reads and the one it writes. */
export const snapshotFormat = 1;
/** Bytes of each of the small files. */
export const smallFileBytesLimit = 65_536;

/** `meta.json`. */
export interface SnapshotMeta {
  /** Says that it is one of this product's. */
  readonly product: 'coffer';
  readonly format: number;
  readonly version: string;
  /** Hex. */
  readonly store_id: string;
  readonly revision: number;
  readonly records: number;
  /** Of `state.bin`. */
  readonly bytes: number;
  /** Of the barrier's key under which `SHA256SUMS.sealed` is. */
  readonly term: number;
  readonly seal_type: string;
  /** RFC 3339. */
  readonly created: string;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Undefined where this is not the `meta.json` of a snapshot of this product; of a newer format only its start is believed. */
export const readMeta = (json: string): SnapshotMeta | undefined => {
  let meta: Partial<Record<keyof SnapshotMeta, unknown>> | null;
  try {
    meta = JSON.parse(json) as typeof meta;
  } catch {
    return undefined;
  }
  if (typeof meta !== 'object' || meta === null || meta.product !== 'coffer' || !isCount(meta.format)) return undefined;
  if (meta.format > snapshotFormat) return meta as SnapshotMeta;
  const texts = [meta.version, meta.store_id, meta.seal_type, meta.created];
  const counts = [meta.revision, meta.records, meta.bytes, meta.term];
  const whole = texts.every(value => typeof value === 'string') && counts.every(isCount);
  return whole && /^[0-9a-f]{32}$/.test(String(meta.store_id)) ? (meta as SnapshotMeta) : undefined;
};

/** As `sha256sum` writes them. */
export const sumsText = (metaHex: string, stateHex: string): string =>
  `${metaHex}  ${metaFile}\n${stateHex}  ${stateFile}\n`;
