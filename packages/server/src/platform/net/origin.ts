/** Where a connection comes from, as far as one client can be told from another. */
import { peerOf, type Socket } from './socket.ts';

/** One IPv4 address, or the first 64 bits of an IPv6 address: whoever has one of these has all of them. */
export const originOf = (socket: Socket): string => originOfAddress(peerOf(socket).address);

const groupCount = 8;
const networkGroups = 4;

export const originOfAddress = (address: string): string => {
  if (!address.includes(':')) return address;
  const [left = '', right = ''] = address.split('::');
  const [first, last] = [groupsOf(left), groupsOf(right)];
  const zeros = Array.from({ length: Math.max(0, groupCount - first.length - last.length) }, () => '0');
  return [...first, ...zeros, ...last].slice(0, networkGroups).join(':');
};

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));
