/** The client's JSON: answers are scanned before they are opened, and what is written loses no digit. */
import { scanJson, type ScanLimits } from '@coffer/schema/json/scan.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import type { Out } from '@coffer/schema/out.ts';

/** A list may hold many more values than a request: a mount of 1,000,000 keys can still be listed. */
const answerLimits: ScanLimits = { depth: 128, keys: 1_000_000, values: 4_000_000, numberCharacters: 10_000 };

const utf8 = new TextDecoder('utf-8');

/** Throws `CofferError('malformed_body')` with the byte offset. */
export const parseJson = (bytes: Uint8Array): Json => scanJson(bytes, answerLimits).value();

export const jsonBytes = (value: Out): Uint8Array => writeJson(value);

export const jsonText = (value: Out): string => utf8.decode(writeJson(value));
