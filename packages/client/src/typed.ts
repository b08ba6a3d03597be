/**
 * Typed calls: paths, verbs, inputs and answers come from the generated API. A call becomes a request by filling the
 * path's parameters; what is left of the input is the body of a write and the query of everything else.
 */
import type { Api } from '@coffer/schema/api.gen.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Method, Request } from './request.ts';
import { jsonText } from './json.ts';

export type PathOf = Extract<keyof Api, string>;
export type VerbOf<P extends PathOf> = Extract<keyof Api[P], string>;
type Operation<P extends PathOf, V extends VerbOf<P>> = Api[P][V] extends {
  readonly in: infer I;
  readonly out: infer O;
}
  ? { readonly in: I; readonly out: O }
  : never;
export type CallInput<P extends PathOf, V extends VerbOf<P>> = Operation<P, V>['in'];
export type CallOutput<P extends PathOf, V extends VerbOf<P>> = Operation<P, V>['out'];

export interface Call {
  readonly path: string;
  readonly verb: string;
  readonly input: { readonly [name: string]: Out };
}

const methods: ReadonlyMap<string, Method> = new Map([
  ['read', 'GET'],
  ['write', 'PUT'],
  ['patch', 'PATCH'],
  ['delete', 'DELETE'],
  ['list', 'LIST'],
  ['scan', 'SCAN'],
]);

const parameter = /^:([a-z_][a-z0-9_]{0,63})(\*?)(\??)$/;

const queryText = (value: Out): string => (typeof value === 'string' ? value : jsonText(value));

const fill = (segment: string, left: Map<string, Out>): string => {
  const [, name = '', , optional = ''] = parameter.exec(segment) ?? [];
  if (name === '') return segment;
  const value = left.get(name);
  left.delete(name);
  if (typeof value === 'string' && value !== '') return value;
  if (optional === '?') return '';
  throw new CofferError('usage', `field "${name}": expected a part of the path`);
};

export const typedRequest = (call: Call): Request => {
  const method = methods.get(call.verb);
  if (method === undefined) throw new CofferError('usage', `verb: expected one of ${[...methods.keys()].join(', ')}`);
  const left = new Map(Object.entries(call.input).filter(([, value]) => value !== undefined));
  const segments = call.path.split('/').map(segment => fill(segment, left));
  const path = segments.filter((segment, at) => segment !== '' || at === 0).join('/');
  if (method === 'PUT' || method === 'PATCH') return { method, path, body: left };
  return { method, path, query: new Map([...left].map(([name, value]) => [name, queryText(value)])) };
};
