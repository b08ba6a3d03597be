/** Reading members of an answer: what is missing or of another type is the empty value, as clients of the API expect. */
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

export const objectIn = (from: JsonObject, name: string): JsonObject | undefined => {
  const value = from.get(name);
  return isObject(value) ? value : undefined;
};

export const textIn = (from: JsonObject, name: string): string => {
  const value = from.get(name);
  return typeof value === 'string' ? value : '';
};

export const numberIn = (from: JsonObject, name: string): number => {
  const value = from.get(name);
  return value instanceof JsonNumber ? value.toNumber() : 0;
};

export const textsIn = (from: JsonObject, name: string): readonly string[] => {
  const value = from.get(name);
  return Array.isArray(value) ? value.filter((one: unknown): one is string => typeof one === 'string') : [];
};
