/** Rows of `sys/tools`: random bytes and hashes, made here so that callers need no source of their own. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { digest, digestNames } from '../../platform/crypto/digest.ts';
import { type SystemCx, write } from './context.ts';

export const randomBytesLimit = 131_072;
const plainBytes = 32;
const sources = ['platform', 'seal', 'all'] as const;
const formats = ['hex', 'base64'] as const;

type Source = (typeof sources)[number];
type Format = (typeof formats)[number];

const shown = (bytes: Uint8Array, format: Format): string => (format === 'hex' ? bytes.toHex() : bytes.toBase64());

/** No seal adds entropy of its own: whoever counts on that is told. */
const sourceWarning = 'no seal/entropy augmentation available, using platform entropy source';

interface RandomArgs {
  readonly bytes: number;
  readonly source: Source;
  readonly format: Format;
}

const random = ({ core }: SystemCx, { bytes, source, format }: RandomArgs): Reply => {
  if (bytes < 1) throw new CofferError('invalid_request', '"bytes" cannot be less than 1');
  if (bytes > randomBytesLimit)
    throw new CofferError('invalid_request', `"bytes" should be less than ${randomBytesLimit}`);
  const made = Secret.of(shown(core.random.bytes(bytes), format));
  return new Reply({ random_bytes: made }, source === 'platform' ? {} : { warnings: [sourceWarning] });
};

const isSource = (text: string): text is Source => sources.some(source => source === text);

/** The one segment of `tools/random/x` is either. */
const countOrSource = (text: string | undefined): { readonly bytes?: number; readonly source?: Source } => {
  if (text === undefined || text === '') return {};
  if (isSource(text)) return { source: text };
  if (/^[0-9]{1,9}$/.test(text)) return { bytes: Number(text) };
  throw new CofferError('invalid_request', 'expected in the path: how many bytes, or one of the sources');
};

const randomIn = {
  bytes: t.integer(`How many; at most ${randomBytesLimit}`, { default: plainBytes }),
  source: t.oneOf(sources, 'Where they come from; all are the platform’s', { default: 'platform' }),
  format: t.oneOf(formats, 'How they are written', { default: 'base64' }),
} as const;
const randomColumns = {
  summary: 'Make random bytes',
  pure: true,
  out: { random_bytes: t.secret('The bytes') },
} as const;

const hashIn = {
  input: t.secret('What to hash, in base64', { required: true }),
  algorithm: t.oneOf(digestNames, 'The hash', { default: 'sha2-256' }),
  urlalgorithm: t.oneOf(digestNames, 'The hash; wins over algorithm'),
  format: t.oneOf(formats, 'How the sum is written', { default: 'hex' }),
} as const;

const decoded = (input: Secret): Uint8Array => {
  try {
    return Uint8Array.fromBase64(input.revealText());
  } catch {
    // What the platform says of it may quote it.
    throw new CofferError('invalid_request', 'unable to decode input as base64');
  }
};

export const toolRows = [
  write(
    'tools/random/:urlbytes?',
    { ...randomColumns, in: { ...randomIn, urlbytes: t.string('How many; or the source') } },
    (cx, { urlbytes, ...args }) => random(cx, { ...args, ...countOrSource(urlbytes) }),
  ),
  write(
    'tools/random/:source/:urlbytes',
    { ...randomColumns, in: { ...randomIn, urlbytes: t.natural('How many; wins over bytes') } },
    (cx, { urlbytes, ...args }) => random(cx, { ...args, bytes: urlbytes }),
  ),
  write(
    'tools/hash/:urlalgorithm?',
    { summary: 'Hash an input', pure: true, in: hashIn, out: { sum: t.string('The hash of the input') } },
    (_, { input, algorithm, urlalgorithm, format }) => ({
      sum: shown(digest(urlalgorithm ?? algorithm, decoded(input)), format),
    }),
  ),
];
