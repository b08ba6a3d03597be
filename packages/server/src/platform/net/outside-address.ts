/**
 * Which addresses a call to the outside may go to. Checked when a name has been resolved, and again at every connection, so
 * that a name cannot point elsewhere afterwards.
 */
import { BlockList, isIP } from 'node:net';
import type { OutsideCall } from '../../contracts/outside.ts';

type Subnet = readonly [address: string, bits: number, family: 'ipv4' | 'ipv6'];

/** Nobody's servers, or where clouds hand credentials to whoever asks. */
const neverSubnets: readonly Subnet[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['168.63.129.16', 32, 'ipv4'],
  // The same behind NAT64 (RFC 6052, RFC 8215), in 6to4 (RFC 3056) and in the old form of mapped addresses (RFC 4291 §2.5.5.1).
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['64:ff9b:1::a9fe:0', 112, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
  ['::a9fe:0', 112, 'ipv6'],
];

/** This machine and the networks behind it. */
const privateSubnets: readonly Subnet[] = [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
];

const listOf = (subnets: readonly Subnet[]): BlockList => {
  const list = new BlockList();
  for (const [address, bits, family] of subnets) list.addSubnet(address, bits, family);
  return list;
};

const never = listOf(neverSubnets);
const inside = listOf(privateSubnets);

/** False for what is no address. */
export const mayReach = (address: string, reach: OutsideCall['reach']): boolean => {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return !never.check(address, family) && (reach === 'anywhere' || !inside.check(address, family));
};

/** An address of this machine or of a network behind it. False for what is no address. */
export const isPrivate = (address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && inside.check(address, version === 4 ? 'ipv4' : 'ipv6');
};

/** Of a URL: `[::1]` without its brackets. */
export const plainHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

const loopback = listOf([
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
]);

export const isLoopback = (host: string): boolean => {
  const version = isIP(host);
  return version !== 0 && loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
};
