/** What a request shows as its token, whether there is such a token or not: for the record of who came with it. */
import type { WireHeaders } from '../../contracts/wire.ts';

const bearer = 'Bearer ';

/** As the token stage looks for it. */
export const shownToken = (headers: WireHeaders): string | undefined => {
  const own = headers.get('x-vault-token');
  if (own !== undefined && own !== '') return own;
  const authorization = headers.get('authorization');
  return authorization?.startsWith(bearer) === true ? authorization.slice(bearer.length) : undefined;
};
