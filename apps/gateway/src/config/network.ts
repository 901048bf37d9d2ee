import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ConfigProblem } from './config-error.ts';
import { describePath } from './describe-path.ts';
import type { Config } from './schema.ts';

/** Certificates and keys as a configuration gives them: as files, or as texts. */
interface PemFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Certificates and keys in PEM format. */
export interface PemTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads certificates and keys.
 *
 * @throws the file system's error for an unreadable file, and OpenSSL's for invalid PEM or a certificate and key that
 * do not match
 */
export function readPem(files: PemFiles): PemTexts {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const texts = Object.fromEntries(named.map(([name, value]) => [name, readText(value)]));
  createSecureContext(texts);
  checkCertificate(texts['ca']);
  checkCertificate(texts['cert']);
  return texts;
}

/** Returns the paths of backends' certificate and key files. */
export function backendPemFiles({ backends }: Pick<Config, 'backends'>): string[] {
  return backends.flatMap(({ tls }) => pemFiles(tls));
}

/** Returns the paths among certificates and keys. */
export function pemFiles(values: PemFiles = {}): string[] {
  return Object.values(values).filter((value): value is string => value !== undefined && !isPem(value));
}

/** OpenSSL accepts an invalid authority or an empty file without an error, and would then trust nothing. */
function checkCertificate(text: string | undefined): X509Certificate | undefined {
  return text === undefined ? undefined : new X509Certificate(text);
}

/** Other text may stand before a certificate or a key (RFC 7468 §2), as `openssl pkcs12` writes it. */
export function isPem(value: string): boolean {
  return value.includes('-----BEGIN');
}

function readText(value: string): string {
  return isPem(value) ? value : readFileSync(value, 'utf8');
}

/** Returns the problems of a configuration's certificates. */
export function describeCertificates(
  { server, backends }: Pick<Config, 'server' | 'backends'>,
  locate: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  const all = [
    { path: ['server', 'tls'], files: server?.tls },
    ...backends.map(({ tls }, index) => ({ path: ['backends', index, 'tls'], files: tls })),
  ];
  return all.flatMap(({ path, files = {} }) => {
    const { cert, key } = files as PemFiles;
    const allowed = 'certificates in PEM format that can be read, each with its key';
    if ((cert === undefined) !== (key === undefined))
      return {
        key: locate(path),
        found: cert === undefined ? 'a key without cert' : 'a cert without key',
        allowed,
      };
    try {
      readPem(files);
      return [];
    } catch (error) {
      const reason = error as NodeJS.ErrnoException;
      const [name] = Object.entries(files).find(([, value]) => value === reason.path) ?? [];
      const at = name === undefined ? path : [...path, name];
      return { key: locate(at), allowed, ...describeReason(reason) };
    }
  });
}

/** OpenSSL's reasons and the file system's codes reveal nothing of a file's content. */
function describeReason({
  code = '',
  path,
}: NodeJS.ErrnoException): Pick<ConfigProblem, 'found' | 'isFileAbsent'> {
  if (path !== undefined) return describePath(path, code);
  const what = /^E[A-Z]+$/.test(code) ? 'a file that cannot be read' : 'a text that OpenSSL refuses';
  return { found: `${what} (${code})` };
}
