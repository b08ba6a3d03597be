/** What a server warns of, in the shape that people know from its peers: a head, then one item a warning, broken at words. */
import { harmless } from './table.ts';

const lineLimit = 78;
const indent = '  ';

const wrapped = (text: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(one => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > lineLimit) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map(one => `${indent}${one}\n`).join('');
};

/** Empty where there are none. */
export const warningsText = (warnings: readonly string[]): string =>
  warnings.length === 0
    ? ''
    : `WARNING! The following warnings were returned from the server:\n\n${warnings
        .map(one => `${wrapped(`* ${harmless(one)}`)}\n`)
        .join('')}`;
