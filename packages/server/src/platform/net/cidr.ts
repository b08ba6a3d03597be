/** Is an address within a network? IPv4, IPv6 and IPv4 written as IPv6. */
import { BlockList, isIP } from 'node:net';

const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

const plainAddress = (address: string): string => mapped.exec(address)?.[1] ?? address;

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined => {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
};

export const isAddress = (text: string): boolean => familyOf(plainAddress(text)) !== undefined;

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, or one address. Undefined where the text is neither. */
export const parseNetwork = (text: string): Network | undefined => {
  const [given = '', bitsText, ...rest] = text.split('/');
  const address = plainAddress(given);
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const bits = bitsText === undefined ? most : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1;
  return bits >= 0 && bits <= most ? { address, bits, family } : undefined;
};

/** False where either is not what it should be: what cannot be read admits nobody. */
export const addressWithin = (address: string, network: string): boolean => {
  const parsed = parseNetwork(network);
  const plain = plainAddress(address);
  const family = familyOf(plain);
  if (parsed === undefined || family === undefined || family !== parsed.family) return false;
  const list = new BlockList();
  list.addSubnet(parsed.address, parsed.bits, parsed.family);
  return list.check(plain, family);
};
