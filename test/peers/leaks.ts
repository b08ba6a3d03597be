/**
 * S11 for the whole suite: whatever a test does, what its servers say, what they write to audit, and what commands say
 * beside their answers holds no secret of a test (each has `canary` in it) and no token, in any form.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { formsOf } from './marks.ts';

/** Half of the word is in too many others. */
const forms = [...formsOf('canary')].filter(([form]) => form !== 'the first half');
const token = /\bcof[sbr]\.[0-9A-Za-z]{16,}/;
/** Development mode says its root token on purpose. */
const saidOnPurpose = /^Root Token: .*$/gm;

/** What leaked where, never the secret itself. */
export const leaksIn = (places: ReadonlyMap<string, string>): readonly string[] => {
  const leaks: string[] = [];
  for (const [place, text] of places) {
    const bytes = Buffer.from(text);
    for (const [form, wanted] of forms)
      if (bytes.includes(wanted)) leaks.push(`${place}: a secret of a test as ${form}`);
    if (token.test(text.replaceAll(saidOnPurpose, ''))) leaks.push(`${place}: a token`);
  }
  return leaks;
};

/** Logs below a folder, such as audit's; none where the test has cleared it away. */
export const logsIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
      .filter(entry => entry.isFile() && /\.log(?:\.\d+)?$/.test(entry.name))
      .map(entry => [entry.name, readFileSync(path.join(entry.parentPath, entry.name), 'utf8')]),
  );

export const refuseLeaks = (places: ReadonlyMap<string, string>): void => {
  const leaks = leaksIn(places);
  if (leaks.length > 0) throw new Error(`a secret is where it must not be:\n${leaks.join('\n')}`);
};
