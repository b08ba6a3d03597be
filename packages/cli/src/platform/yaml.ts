/** YAML on the way out; the one place that knows the library. */
import { stringify } from 'yaml';

export const toYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
