/** What may stand in a header of an answer (RFC 9110 §5.5): nothing that could end the line. */
const name = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;
const own: ReadonlySet<string> = new Set(['content-length', 'date', 'connection', 'transfer-encoding']);

export const isFieldName = (text: string): boolean => name.test(text);
export const isFieldValue = (text: string): boolean => value.test(text);

/** Whether only the server itself may set it. */
export const isOwnHeader = (text: string): boolean => own.has(text.toLowerCase());
