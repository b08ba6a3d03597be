import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOfAddress } from './origin.ts';

test('clients are told apart by their IPv4 address, or by their IPv6 network', () => {
  const origins: readonly (readonly [address: string, origin: string])[] = [
    ['192.0.2.7', '192.0.2.7'],
    ['', ''],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['1::2:3:4:5:6:7', '1:0:2:3'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ];
  for (const [address, origin] of origins) assert.equal(originOfAddress(address), origin, address);
});
