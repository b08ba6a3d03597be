/**
 * What a typed call answered. Each reader takes only the names of its type, as the API describes them; a value that is
 * missing, or not what was described, is `undefined`. Like every answer it does not print its values.
 */
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { type Answer, secretOf } from './answer.ts';

/** Names of the members whose type is `T`. */
type Names<O, T> = Extract<{ [K in keyof O]-?: NonNullable<O[K]> extends T ? K : never }[keyof O], string>;

const isText = (value: unknown): value is string => typeof value === 'string';

export class Called<O> {
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  /** Any member, with nothing lost. */
  get(name: Extract<keyof O, string>): Json | undefined {
    const { body, data } = this.answer;
    return body.has('request_id') ? data?.get(name) : body.get(name);
  }

  text(name: Names<O, string> & Extract<keyof O, string>): string | undefined {
    const value = this.get(name);
    return isText(value) ? value : undefined;
  }

  number(name: Names<O, number> & Extract<keyof O, string>): number | undefined {
    const value = this.get(name);
    return value instanceof JsonNumber ? value.toNumber() : undefined;
  }

  flag(name: Names<O, boolean> & Extract<keyof O, string>): boolean | undefined {
    const value = this.get(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(name: Names<O, readonly string[]> & Extract<keyof O, string>): readonly string[] | undefined {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter(isText) : undefined;
  }

  secret(name: Names<O, Secret> & Extract<keyof O, string>): Secret | undefined {
    const value = this.get(name);
    return value === undefined || value === null ? undefined : secretOf(value);
  }
}
