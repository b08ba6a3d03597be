/** What earlier runs found: a line of JSON for each, so that a change for the worse can be dated. */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run/environment.ts';

export const appendHistory = (report: object, file: string | undefined): string => {
  const place = file === undefined ? path.join(root, '.cache', 'bench.jsonl') : path.resolve(file);
  mkdirSync(path.dirname(place), { recursive: true });
  appendFileSync(place, `${JSON.stringify(report)}\n`);
  return place;
};
