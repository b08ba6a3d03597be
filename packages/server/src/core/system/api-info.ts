/** What the OpenAPI documents say of themselves. */
import type { ApiInfo } from '@coffer/schema/derive/openapi.ts';
import { cofferVersion } from './version.ts';

export const apiInfo: ApiInfo = {
  title: 'Coffer API',
  description: 'The HTTP API of a Coffer store',
  version: cofferVersion,
};
