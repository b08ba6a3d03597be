/** Names as Kubernetes allows them. What passes here can be a segment of a store path and a file name: no `/`, no leading dot. */

const nameLimit = 253;
const namespaceLimit = 63;

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const keyForm = /^[-._a-zA-Z0-9]{1,253}$/;

/** A DNS-1123 subdomain. */
export const isName = (text: string): boolean =>
  text.length <= nameLimit && text.split('.').every(part => part.length <= nameLimit && subdomainPart.test(part));

const subdomainPart = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** A DNS-1123 label. */
export const isNamespace = (text: string): boolean => text.length <= namespaceLimit && label.test(text);

/** A key of `data`: as the API server checks it. */
export const isKey = (text: string): boolean => keyForm.test(text) && text !== '.' && !text.startsWith('..');

/** For messages: control characters could steer a terminal, and a long name would bury the reason. */
export const shown = (text: string): string => {
  const cut = text.length > nameLimit ? `${text.slice(0, nameLimit)}…` : text;
  return /^[\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]*$/.test(cut)
    ? cut
    : JSON.stringify(cut).replace(/[\u007f-\u009f]/g, '?');
};
