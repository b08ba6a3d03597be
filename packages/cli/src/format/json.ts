/** JSON for people and pipes: two spaces a level, numbers as they were written. */
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';

export const jsonNumber = (value: number): JsonNumber => new JsonNumber(String(value));

const block = (brackets: '[]' | '{}', lines: readonly string[], indent: string): string => {
  if (lines.length === 0) return brackets;
  const inner = lines.map(line => `${indent}  ${line}`).join(',\n');
  return `${brackets.charAt(0)}\n${inner}\n${indent}${brackets.charAt(1)}`;
};

export const prettyJson = (value: Json, indent = ''): string => {
  if (value instanceof JsonNumber) return value.source;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return block(
      '[]',
      (value as readonly Json[]).map(one => prettyJson(one, deeper)),
      indent,
    );
  }
  const members = [...(value as ReadonlyMap<string, Json>)].map(
    ([name, one]) => `${JSON.stringify(name)}: ${prettyJson(one, deeper)}`,
  );
  return block('{}', members, indent);
};

const first = ['request_id', 'lease_id', 'lease_duration', 'renewable', 'data', 'warnings'] as const;
const ifThere = ['auth', 'wrap_info', 'mount_type'] as const;
const others: ReadonlySet<string> = new Set([...first, ...ifThere]);

/** The envelope in its usual order; what a server copies beside `data` for old clients is left out. */
export const envelope = (body: ReadonlyMap<string, Json>): Json => {
  if (!body.has('request_id')) return body;
  const ordered = new Map<string, Json>();
  for (const name of first) ordered.set(name, body.get(name) ?? null);
  for (const name of ifThere) {
    const value = body.get(name);
    if (value !== undefined && value !== null) ordered.set(name, value);
  }
  const data = body.get('data');
  for (const [name, value] of body) {
    if (!others.has(name) && !(data instanceof Map && data.has(name))) ordered.set(name, value);
  }
  return ordered;
};
