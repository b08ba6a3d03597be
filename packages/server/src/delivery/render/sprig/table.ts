/**
 * The functions of External Secrets' templates (engine v2): the part of sprig that needs nothing but its arguments. What
 * needs the outside — YAML, hashes, the clock, randomness, keys — is handed in by whoever renders.
 */
import type { Functions, TemplateFunction } from '../function.ts';
import { caseFunctions } from './cases.ts';
import { dictFunctions } from './dicts.ts';
import { encodingFunctions } from './encoding.ts';
import { jsonFunctions } from './json.ts';
import { listFunctions } from './lists.ts';
import { mathFunctions } from './math.ts';
import { pathFunctions } from './paths.ts';
import { regexFunctions } from './regex.ts';
import { stringFunctions } from './strings.ts';
import { typeFunctions } from './types.ts';

export const sprigFunctions: Functions = new Map<string, TemplateFunction>([
  ...stringFunctions,
  ...caseFunctions,
  ...typeFunctions,
  ...listFunctions,
  ...dictFunctions,
  ...mathFunctions,
  ...jsonFunctions,
  ...encodingFunctions,
  ...regexFunctions,
  ...pathFunctions,
]);
