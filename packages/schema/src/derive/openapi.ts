/**
 * The rows as an OpenAPI 3.0.2 document, with the extensions Vault's tools read: `x-vault-sudo`, `x-vault-unauthenticated`,
 * `x-vault-create-supported`. Older paths that only reach a row under another name are not shown.
 */
import type { Out } from '../out.ts';
import type { Verb } from '../row.ts';
import { answerSchema, bodySchema, fieldSchema, type SchemaObject } from './json-schema.ts';
import { type AnyRow, type ServedRows, splitFields, templatesOf } from './served.ts';

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** LIST and SCAN are no methods of OpenAPI: both stand under GET, told apart by a query parameter. */
const operationOf: { readonly [V in Verb]: string } = {
  read: 'get',
  list: 'get',
  scan: 'get',
  write: 'post',
  patch: 'patch',
  delete: 'delete',
};
const bodyType: { readonly [form: string]: string } = Object.assign(Object.create(null), {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
});

interface Placed {
  readonly row: AnyRow;
  readonly mount: ServedRows;
}

const placesOf = (served: readonly ServedRows[]): ReadonlyMap<string, readonly Placed[]> => {
  const found = new Map<string, Placed[]>();
  for (const mount of served) {
    for (const row of mount.rows) {
      for (const template of templatesOf(`${mount.mountPath}${row.path}`)) {
        const path = `/${template.replace(/\/$/, '')}`;
        found.set(path, [...(found.get(path) ?? []), { row, mount }]);
      }
    }
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

const mountField = { kind: { json: { type: 'string' }, secret: false }, summary: 'Where the engine is mounted' };

const pathParameters = (path: string, placed: readonly Placed[]): readonly SchemaObject[] => {
  const names = [...path.matchAll(/\{([a-z0-9_]{1,64})\}/g)].map(match => match[1] ?? '');
  return names.map(name => {
    const field = placed.map(({ row }) => row.in[name]).find(found => found !== undefined);
    return {
      name,
      in: 'path',
      required: true,
      description: field?.summary ?? mountField.summary,
      schema: field === undefined ? mountField.kind.json : (field.kind.json as SchemaObject),
    };
  });
};

const queryParameters = ({ row }: Placed): readonly SchemaObject[] =>
  row.body === 'none'
    ? splitFields(row).others.map(([name, field]) => {
        const { description, ...schema } = fieldSchema(field);
        return { name, in: 'query', description, required: field.required ? true : undefined, schema };
      })
    : [];

/** A GET that may also be a LIST says so; where there is nothing to read, the parameter is needed. */
const collectionParameters = (together: readonly Placed[]): readonly SchemaObject[] =>
  together
    .filter(({ row: { verb } }) => verb === 'list' || verb === 'scan')
    .map(({ row: { verb } }) => ({
      name: verb,
      in: 'query',
      description: verb === 'list' ? 'Must be "true" to list' : 'Must be "true" to list recursively',
      required: together.length === 1 ? true : undefined,
      schema: { type: 'string', enum: ['true'] },
    }));

const responseOf = (row: AnyRow): SchemaObject => {
  const schema = answerSchema(row);
  if (schema === undefined) {
    return row.answer === 'raw' || row.answer === 'stream' || row.answer === 'upgrade'
      ? { [row.status]: { description: 'OK' } }
      : { '204': { description: 'Done, without an answer' } };
  }
  return { [row.status]: { description: 'OK', content: { 'application/json': { schema } } } };
};

const requestBody = (row: AnyRow): SchemaObject | undefined => {
  const schema = bodySchema(row);
  if (schema === undefined) return undefined;
  const type = row.verb === 'patch' ? 'application/merge-patch+json' : (bodyType[row.body] ?? 'application/json');
  return { content: { [type]: { schema } } };
};

const idOf = (path: string, verb: Verb): string =>
  `${verb}-${path.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '')}`;
const without = (members: readonly SchemaObject[]): readonly SchemaObject[] | undefined =>
  members.length === 0 ? undefined : members;

/** Placed rows of one path under one OpenAPI method: several only for reading, listing and scanning. */
const operation = (path: string, together: readonly Placed[]): SchemaObject => {
  const [first] = together;
  if (first === undefined) return {};
  const { row, mount } = first;
  const schema = requestBody(row);
  return {
    operationId: idOf(path, row.verb),
    tags: [mount.engineType],
    summary: together.map(({ row: { summary } }) => summary).join('. '),
    description: row.description,
    parameters: without([...together.flatMap(queryParameters), ...collectionParameters(together)]),
    requestBody: schema,
    responses: Object.assign({}, ...together.toReversed().map(({ row: each }) => responseOf(each))) as SchemaObject,
  };
};

const pathItem = (path: string, placed: readonly Placed[]): SchemaObject => {
  const some = (holds: (row: AnyRow) => boolean): true | undefined =>
    placed.some(({ row }) => holds(row)) ? true : undefined;
  const methods = [...new Set(placed.map(({ row }) => operationOf[row.verb]))];
  return {
    description: placed[0]?.row.summary,
    parameters: without(pathParameters(path, placed)),
    'x-vault-sudo': some(row => row.access === 'sudo'),
    'x-vault-unauthenticated': some(row => row.access === 'open'),
    'x-vault-create-supported': some(row => row.exists !== undefined),
    ...Object.fromEntries(
      methods.map(method => [
        method,
        operation(
          path,
          placed.filter(({ row }) => operationOf[row.verb] === method),
        ),
      ]),
    ),
  };
};

/** A value the JSON writer takes. `served` may be what one token may see, or everything. */
export const openApi = (info: ApiInfo, served: readonly ServedRows[]): SchemaObject => ({
  openapi: '3.0.2',
  info: { title: info.title, description: info.description, version: info.version, license: { name: 'Apache-2.0' } },
  paths: new Map<string, Out>([...placesOf(served)].map(([path, placed]) => [path, pathItem(path, placed)])),
});

/** The same of one path alone, as path help carries it. */
export const openApiOfRows = (info: ApiInfo, mount: ServedRows): SchemaObject => openApi(info, [mount]);

/** The parameter that stands for a mount whose place is not known: `:kv_v2_mount_path/`. */
export const genericMount = (engineType: string): string => `:${engineType.replace(/[^a-z0-9]+/g, '_')}_mount_path/`;
