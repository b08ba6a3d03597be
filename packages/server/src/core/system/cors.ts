/** Rows of `sys/config/cors`. */
import { t } from '@coffer/schema/fields/t.ts';
import { allowedHeaders, type CorsSettings } from '../cors/settings.ts';
import { read, remove, write } from './context.ts';

const columns = { access: 'sudo', rootNamespaceOnly: true } as const;
const listFields = {
  allowed_origins: t.list('Origins of pages that may call, as scheme://host:port; or * alone'),
  allowed_headers: t.list('Headers they may send beside those of the API'),
  allow_credentials: t.boolean('Let browsers send cookies and certificates'),
} as const;

const shown = (settings: CorsSettings) => ({
  enabled: true,
  allowed_origins: settings.origins,
  allowed_headers: allowedHeaders(settings),
  allow_credentials: settings.credentials,
});

export const corsRows = [
  read(
    'config/cors',
    {
      ...columns,
      summary: 'Show which other origins may call from a browser',
      legacyTopLevel: true,
      out: { enabled: t.boolean('Other origins are let in'), ...listFields },
    },
    ({ core }) => (core.cors.current === undefined ? { enabled: false } : shown(core.cors.current)),
  ),
  write(
    'config/cors',
    {
      ...columns,
      summary: 'Let pages of other origins call from a browser',
      in: { enable: t.boolean('False lets none in', { default: true, aliases: ['enabled'] }), ...listFields },
    },
    ({ core }, { enable, allowed_origins: origins = [], allowed_headers: headers = [], allow_credentials }) =>
      enable ? core.cors.put({ origins, headers, credentials: allow_credentials ?? false }) : core.cors.remove(),
  ),
  remove('config/cors', { ...columns, summary: 'Let no other origin in' }, ({ core }) => core.cors.remove()),
];
