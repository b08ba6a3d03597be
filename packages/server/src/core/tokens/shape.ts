/** How a token is laid down: in its record, or sealed into its own text. */
import type { Shape } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { Token } from './token.ts';

export const tokenShape: Shape<Token> = plainShape<Token>('token', ['meta', 'renewal']);
