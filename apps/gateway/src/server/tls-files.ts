import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { inTurn } from '../config/in-turn.ts';
import { isPem, type PemTexts, readPem } from '../config/network.ts';
import type { Log } from '../telemetry/log.ts';

/** Polled, not watched: network shares, and the links that Kubernetes swaps, report no changes. */
const LOOK_EVERY_MS = 1000;

/** The paths of the certificate and the key, or their texts. */
interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Serves new connections with a new certificate as soon as its files have changed. Returns the function to stop that.
 */
export function watchCertificate(server: Server, files: CertificateFiles, log: Log): () => void {
  const paths = Object.values(files).filter((value) => !isPem(value));
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

/** Returns the content of files, or why they cannot be read. Asynchronous, as a network share may hang. */
async function readContents(paths: readonly string[]): Promise<string> {
  const contents = await Promise.all(
    paths.map((path) => inTurn(() => readFile(path, 'latin1').catch(String))),
  );
  return contents.join();
}

/** Returns a matching pair; undefined while one of the files is still the old one. */
function readPair(files: CertificateFiles, log: Log): PemTexts | undefined {
  try {
    return readPem(files);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    log.warn({ reason: code }, 'the new certificate cannot be used; the old one still serves');
    return undefined;
  }
}
