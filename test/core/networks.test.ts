import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetwork } from '../../packages/server/src/platform/net/cidr.ts';
import { noRules, tokenRules } from '../../packages/server/src/engines/login/token-fields.ts';

test('networks that a role may have are those that logins are held against', () => {
  const addresses = ['10.0.0.1', '010.0.0.1', '1.2.3', '1.2.3.4.5', '256.1.1.1', '::1', '::ffff:10.0.0.1'];
  const more = [
    '::FFFF:10.0.0.1',
    '::ffff:1.2.3.256',
    '::ffff:a00:1',
    '1::2::3',
    'a',
    '',
    '[::1]',
    '1.2.3.4 ',
    '0x7f.1',
    ':',
    '::g',
  ];
  const widths = ['', '/0', '/8', '/32', '/33', '/104', '/128', '/129', '/-1', '/', '/08', '/8/8', '/a'];
  for (const address of [...addresses, ...more])
    for (const width of widths) {
      const network = address + width;
      const taken = (() => {
        try {
          tokenRules({ token_bound_cidrs: [network] }, noRules);
          return true;
        } catch {
          return false;
        }
      })();
      assert.equal(taken, parseNetwork(network) !== undefined, network);
    }
});
