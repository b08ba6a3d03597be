/** What verification found, as JSON. */
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import type { Finding } from './finding.ts';
import { isJudged, type Verified } from './verify.ts';

const number = (value: number): JsonNumber => new JsonNumber(String(value));

const findingJson = ({ kind, spot, text }: Finding): JsonObject =>
  new Map<string, Json>([
    ['kind', kind],
    ['file', spot.file],
    ['line', number(spot.line)],
    ['sequence', spot.sequence === undefined ? null : number(spot.sequence)],
    ['time', spot.time ?? null],
    ['text', text],
  ]);

/** `{ whole, records, lanes, witness, until, files, faults, notes }`; `faults` and `notes` are cut, their counts are not. */
export const toJson = (verified: Verified): JsonObject => {
  const { files, records, lanes, findings, faults, notes, witness, until } = verified;
  const told = (isFault: boolean): readonly Json[] => findings.filter(one => one.isFault === isFault).map(findingJson);
  return new Map<string, Json>([
    ['whole', faults === 0 && isJudged(verified)],
    ['witness', witness],
    ['records', number(records)],
    ['lanes', number(lanes)],
    [
      'until',
      until === undefined
        ? null
        : new Map<string, Json>([
            ['lane', until.lane],
            ['sequence', number(until.sequence)],
            ['taken', until.taken],
          ]),
    ],
    [
      'files',
      files.map(
        one =>
          new Map<string, Json>([
            ['file', one.file],
            ['lines', number(one.lines)],
            ['bytes', number(one.bytes)],
          ]),
      ),
    ],
    ['fault_count', number(faults)],
    ['note_count', number(notes)],
    ['faults', told(true)],
    ['notes', told(false)],
  ]);
};
