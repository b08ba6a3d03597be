/** The conformance suite over both seals. */
import { sealSuite } from '../../../../../test/conformance/seal.ts';
import { realRandom } from '../../platform/random/real.ts';
import { openStaticSeal, shamirSeal } from './static.ts';

sealSuite('shamir', () => Promise.resolve(shamirSeal));

const current = { id: 'one', key: '07'.repeat(32) };
sealSuite('static', () =>
  openStaticSeal({ current }, { random: realRandom(), resolve: () => Promise.reject(new Error()) }),
);
