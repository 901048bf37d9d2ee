import type { ConfigProblem } from './config-error.ts';
import { describePath } from './describe-path.ts';
import { readSecret } from './read-secret.ts';
import type { BackendConfig } from './schema.ts';

type Locate = (path: readonly PropertyKey[]) => string;

const ALLOWED = 'a file that can be read and holds one key of printable characters without spaces';

/** Returns the problems of backends' credential files, and of credentials that are given twice. */
export function describeCredentialFiles(backends: readonly BackendConfig[], locate: Locate): ConfigProblem[] {
  return backends.flatMap(({ apiKey, apiKeyFile, identity = {} }, index) => {
    const { clientSecret, clientSecretFile } = identity;
    const path = ['backends', index];
    return [
      ...describeFile([...path, 'apiKeyFile'], apiKeyFile, apiKey, locate),
      ...describeFile([...path, 'identity', 'clientSecretFile'], clientSecretFile, clientSecret, locate),
    ];
  });
}

/** Returns the paths of backends' credential files. */
export function credentialFiles(backends: readonly BackendConfig[]): string[] {
  const files = backends.flatMap(({ apiKeyFile, identity }) => [apiKeyFile, identity?.clientSecretFile]);
  return files.filter((file) => file !== undefined);
}

function describeFile(
  path: readonly PropertyKey[],
  file: string | undefined,
  said: string | undefined,
  locate: Locate,
): ConfigProblem[] {
  if (file === undefined) return [];
  const name = String(path.at(-1));
  const other = name.replace('File', '');
  const key = locate(path);
  if (said !== undefined)
    return [{ key, found: `${other} as well`, allowed: `${other} or ${name}, not both` }];
  const { problem } = readSecret(file);
  if (problem === undefined) return [];
  return [{ key, allowed: ALLOWED, ...describePath(file, problem) }];
}
