/** Addresses as configurations write them. */
import { BadValue } from './problem.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const defaultPort = 8200;
const addressLimit = 300;
const bracketed = /^\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?)\](?::([0-9]{1,5}))?$/;
/** A number alone is no host. */
const plain = /^((?![0-9]+(?::|$))[A-Za-z0-9._-]*)(?::([0-9]{1,5}))?$/;

export const refuseTemplate = (text: string): void => {
  if (text.includes('{{')) throw new BadValue('address templates are not supported: write the address itself');
};

/** `host`, `host:port`, `[v6]:port` or `:port`. Throws `BadValue`. */
export const hostPort = (text: string): HostPort => {
  refuseTemplate(text);
  const found = text.length > addressLimit ? null : (bracketed.exec(text) ?? plain.exec(text));
  const port = Number(found?.[2] ?? defaultPort);
  if (found === null || text === '' || port > 65_535)
    throw new BadValue('expected host:port, such as "127.0.0.1:8200" or "[::]:8200"');
  return { host: found[1] ?? '', port };
};

/** An http or https URL without user, query or fragment. Throws `BadValue`. */
export const serverUrl = (text: string): string => {
  refuseTemplate(text);
  if (text.length > addressLimit || !/^https?:\/\/[^/?#@\s]+\/?$/.test(text)) {
    throw new BadValue('expected a URL such as "https://coffer.example.org:8200"');
  }
  return text.endsWith('/') ? text.slice(0, -1) : text;
};

/** Permission bits in octal: `600`, `0640`. Throws `BadValue`. */
export const permissions = (text: string): number => {
  if (!/^0?[0-7]{3}$/.test(text)) throw new BadValue('expected permissions in octal, such as "0600"');
  return Number.parseInt(text, 8);
};
