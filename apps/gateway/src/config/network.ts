import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

/** Certificates and keys as a configuration names them: files, or their texts. */
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
 * @throws the file system's error for a file that cannot be read, and OpenSSL's for what is no PEM or no pair
 */
export function readPem(files: PemFiles): PemTexts {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const texts = Object.fromEntries(named.map(([name, value]) => [name, readText(value)]));
  createSecureContext(texts);
  checkCertificate(texts['ca']);
  checkCertificate(texts['cert']);
  return texts;
}

/** Returns the files that backends' certificates and keys are read from. */
export function backendPemFiles({ backends }: Pick<Config, 'backends'>): string[] {
  const values = backends.flatMap(({ tls = {} }) => Object.values(tls));
  return values.filter((value): value is string => value !== undefined && !isPem(value));
}

/** An authority that is no certificate is no error to OpenSSL, nor is an empty file, and then nothing would be trusted. */
function checkCertificate(text: string | undefined): X509Certificate | undefined {
  return text === undefined ? undefined : new X509Certificate(text);
}

function isPem(value: string): boolean {
  return value.startsWith('-----BEGIN');
}

function readText(value: string): string {
  return isPem(value) ? value : readFileSync(value, 'utf8');
}

/** Returns what is wrong with the certificates of a configuration. */
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
      const isFileAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return { key: locate(path), found: reasonOf(error), allowed, isFileAbsent };
    }
  });
}

/** OpenSSL's reasons and the file system's codes tell nothing of what is in a file. */
function reasonOf(error: unknown): string {
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (path !== undefined) return `"${path}" (${code})`;
  return /^E[A-Z]+$/.test(code) ? `a file that cannot be read (${code})` : `what OpenSSL refuses (${code})`;
}
