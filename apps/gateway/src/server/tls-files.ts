import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { inTurn } from '../config/in-turn.ts';
import { type PemTexts, readPem } from '../config/network.ts';
import type { Log } from '../telemetry/log.ts';

/** Looked at, not listened for: network shares, and the links that Kubernetes swaps, tell of no change. */
const LOOK_EVERY_MS = 1000;

/** Where the certificate and the key are, or their texts. */
interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Serves new connections with a new certificate as soon as its files have changed. Returns how to stop that. */
export function watchCertificate(server: Server, files: CertificateFiles, log: Log): () => void {
  const paths = Object.values(files).filter((value) => !value.startsWith('-----BEGIN'));
  let served = readPem(files);
  let seen = '';
  const look = async (): Promise<void> => {
    const contents = await readContents(paths);
    if (contents === seen) return;
    seen = contents;
    const found = readPair(files, log);
    if (found === undefined || (found.cert === served.cert && found.key === served.key)) return;
    served = found;
    server.setSecureContext(found);
    log.info('the certificate was renewed');
  };
  let isStopped = paths.length === 0;
  const lookAgain = (): void => {
    if (!isStopped) setTimeout(() => void look().finally(lookAgain), LOOK_EVERY_MS).unref();
  };
  lookAgain();
  return () => (isStopped = true);
}

/** Returns what files have in them, or why they cannot be read. Not at once, as a share may hang. */
async function readContents(paths: readonly string[]): Promise<string> {
  const contents = await Promise.all(
    paths.map((path) => inTurn(() => readFile(path, 'latin1').catch(String))),
  );
  return contents.join();
}

/** Returns a pair that belongs together; while one of the files is still the old one, there is none. */
function readPair(files: CertificateFiles, log: Log): PemTexts | undefined {
  try {
    return readPem(files);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    log.warn({ reason: code }, 'the new certificate cannot be used; the old one still serves');
    return undefined;
  }
}
