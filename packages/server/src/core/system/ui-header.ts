/** A header that answers of the web UI carry: what may be one. */
import { CofferError } from '@coffer/schema/errors.ts';
import { isFieldName, isFieldValue, isOwnHeader } from '../../platform/net/field.ts';

export interface UiHeader {
  /** As it is shown; its record is named in lower case. */
  readonly name: string;
  readonly values: readonly string[];
}

const valuesLimit = 20;
const valueCharacters = 4096;
const nameCharacters = 128;

export const refused = (message: string): CofferError => new CofferError('invalid_request', message);

/** Names the record. Throws `invalid_request` for headers that are not to be set. */
export const uiHeaderId = (header: string): string => {
  const id = header.toLowerCase();
  if (id.startsWith('x-vault-')) throw refused('X-Vault headers cannot be set');
  if (id.length > nameCharacters || !isFieldName(id) || isOwnHeader(id))
    throw refused('expected the name of a header that is not the server’s own');
  return id;
};

/** Throws `invalid_request` for values that could not be sent. */
export const uiHeader = (id: string, values: readonly string[]): UiHeader => {
  if (values.length === 0) throw refused('header values cannot be empty');
  if (values.length > valuesLimit) throw refused(`values: at most ${valuesLimit}`);
  if (!values.every(value => value !== '' && value.length <= valueCharacters && isFieldValue(value)))
    throw refused('values: expected header values of printable characters');
  return { name: id.replace(/(?:^|-)[a-z]/g, found => found.toUpperCase()), values };
};
