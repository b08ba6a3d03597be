import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerOf, type Socket } from './socket.ts';

const peer = (remoteAddress: string | undefined): unknown => {
  const { isGone: _, ...told } = peerOf({ remoteAddress, remotePort: 5 } as Socket);
  return told;
};

test('an IPv4 client of a dual-stack listener is known by its IPv4 address', () => {
  assert.deepEqual(peer('::ffff:10.0.0.1'), { address: '10.0.0.1', port: 5, secure: false });
  assert.deepEqual(peer('10.0.0.1'), { address: '10.0.0.1', port: 5, secure: false });
  assert.deepEqual(peer('::1'), { address: '::1', port: 5, secure: false });
  assert.deepEqual(peer('::ffff:0:1'), { address: '::ffff:0:1', port: 5, secure: false });
  assert.deepEqual(peer(undefined), { address: '', port: 5, secure: false });
});
