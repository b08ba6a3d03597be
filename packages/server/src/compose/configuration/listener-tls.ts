/** TLS of a listener: on unless `tls_disable`, and never below version 1.2. */
import { cipherList } from '../../platform/net/ciphers.ts';
import type { TlsFiles, TlsVersion } from '../../platform/net/tls.ts';
import { BadValue, type Report } from './problem.ts';
import type { Settings } from './settings.ts';
import { converted, type Stanza } from './stanza.ts';

const version = (text: string): TlsVersion => {
  if (text === 'tls12' || text === 'tls13') return text;
  throw new BadValue('expected tls12 or tls13: older versions are not safe');
};

const isSuite = (name: string): boolean => {
  try {
    return cipherList([name]) !== '';
  } catch {
    return false;
  }
};

const filesOf = (stanza: Stanza, report: Report): { certFile: string; keyFile: string } | undefined => {
  const certFile = stanza.settings.text('tls_cert_file') ?? '';
  const keyFile = stanza.settings.text('tls_key_file') ?? '';
  if (certFile !== '' && keyFile !== '') return { certFile, keyFile };
  report.add(
    'error',
    stanza.origin,
    'TLS is on: set "tls_cert_file" and "tls_key_file", or turn it off with tls_disable = true',
  );
  return undefined;
};

const clientCertificates = (stanza: Stanza, report: Report): 'off' | 'ask' | 'require' => {
  const { settings, origin } = stanza;
  const isRequired = settings.flag('tls_require_and_verify_client_cert') ?? false;
  const isOff = settings.flag('tls_disable_client_certs') ?? false;
  const hasAuthority = (settings.text('tls_client_ca_file') ?? '') !== '';
  if (isRequired && isOff)
    report.add('error', origin, '"tls_disable_client_certs" contradicts "tls_require_and_verify_client_cert"');
  if (isRequired && !hasAuthority)
    report.add('error', origin, '"tls_require_and_verify_client_cert" needs "tls_client_ca_file"');
  if (isRequired) return 'require';
  return hasAuthority && !isOff ? 'ask' : 'off';
};

/** Without TLS, keys that would protect the connection must not stand there as if they did. */
const checkPlain = (stanza: Stanza, report: Report): void => {
  const setting = stanza.settings.setting('tls_require_and_verify_client_cert');
  if (setting?.value === true)
    report.add('error', setting.origin, 'client certificates cannot be required while TLS is off');
};

const optional = (settings: Settings): Pick<TlsFiles, 'clientCaFile' | 'cipherSuites'> => {
  const clientCaFile = settings.text('tls_client_ca_file') ?? '';
  const cipherSuites = settings.texts('tls_cipher_suites') ?? [];
  return { ...(clientCaFile === '' ? {} : { clientCaFile }), ...(cipherSuites.length === 0 ? {} : { cipherSuites }) };
};

const checkSuites = ({ settings }: Stanza, report: Report): void => {
  const setting = settings.setting('tls_cipher_suites');
  const unknown = (settings.texts('tls_cipher_suites') ?? []).filter(suite => !isSuite(suite));
  if (setting !== undefined && unknown.length > 0) {
    report.add(
      'error',
      setting.origin,
      `"tls_cipher_suites": ${unknown.length} of them unknown or not safe: use IANA names of suites with forward secrecy`,
    );
  }
};

export const readTls = (stanza: Stanza, report: Report): TlsFiles | undefined => {
  const { settings, origin } = stanza;
  const isPlain =
    settings.flag('tls_disable') ?? (stanza.type === 'unix' && settings.text('tls_cert_file') === undefined);
  if (isPlain) {
    checkPlain(stanza, report);
    return undefined;
  }
  const minVersion = converted({ settings, report }, 'tls_min_version', version) ?? 'tls12';
  const maxVersion = converted({ settings, report }, 'tls_max_version', version) ?? 'tls13';
  if (minVersion > maxVersion) report.add('error', origin, '"tls_min_version" is above "tls_max_version"');
  checkSuites(stanza, report);
  const mode = clientCertificates(stanza, report);
  const files = filesOf(stanza, report);
  if (files === undefined) return undefined;
  return { ...files, minVersion, maxVersion, ...optional(settings), clientCertificates: mode };
};
