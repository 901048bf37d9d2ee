import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { inTurn } from './in-turn.ts';

/** The secret in a file, or why there is none. The reason never repeats the file's content. */
export type SecretReading =
  { readonly secret: string; readonly problem?: undefined } | { readonly problem: string };

/** Far more than any Azure key. */
const MAX_BYTES = 4096;
const TOO_LARGE = { problem: `more than ${MAX_BYTES} bytes` };

/** Reads a secret from a file, at the start and during a check of a configuration. */
export function readSecret(path: string): SecretReading {
  try {
    return problemOf(statSync(path)) ?? parseSecret(readFileSync(path));
  } catch (error) {
    return { problem: codeOf(error) };
  }
}

/** Reads a secret while requests are served: a network share may hang. */
export function readSecretLater(path: string): Promise<SecretReading> {
  return inTurn(() => readOne(path));
}

async function readOne(path: string): Promise<SecretReading> {
  try {
    return problemOf(await stat(path)) ?? parseSecret(await readFile(path));
  } catch (error) {
    return { problem: codeOf(error) };
  }
}

/** Opening a pipe would wait for its other end, and reading a large file would fill the memory. */
function problemOf(stats: Stats): SecretReading | undefined {
  if (stats.isDirectory()) return { problem: 'a directory' };
  if (!stats.isFile()) return { problem: 'no file' };
  return stats.size > MAX_BYTES ? TOO_LARGE : undefined;
}

/** Removes a byte order mark, and spaces and line ends around the secret, as editors and shells leave them. */
function parseSecret(bytes: Buffer): SecretReading {
  if (bytes.length > MAX_BYTES) return TOO_LARGE;
  const secret = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (secret === '') return { problem: 'an empty file' };
  if (/^[\x21-\x7e]+$/.test(secret)) return { secret };
  return { problem: 'something other than one key of printable characters without spaces' };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'an error';
}
