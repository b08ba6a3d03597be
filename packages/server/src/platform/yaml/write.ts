/** Plain values as YAML documents, for people and kubectl. */
import { stringify } from 'yaml';

export const writeYaml = (documents: readonly unknown[]): string =>
  documents.map(value => stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 })).join('---\n');
