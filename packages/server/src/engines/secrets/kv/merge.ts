/** JSON Merge Patch (RFC 7396) on values that lose nothing: numbers keep their source text, members their order. */
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';

const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

/** Depth is bounded by the scanner that read the patch. */
export const mergePatch = (target: Json | undefined, patch: Json): Json => {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json>(isObject(target) ? target : undefined);
  for (const [name, value] of patch) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return merged;
};
