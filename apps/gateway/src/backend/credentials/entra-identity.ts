import type { AccessToken, TokenCredential } from '@azure/identity';
import type { BackendConfig } from '../../config/schema.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Credential } from './credential.ts';
import { EntraCredential, type FetchToken } from './entra.ts';
import { SecretFile } from './secret-file.ts';

/** Another backend could serve a request that waits for its first token. */
const PATIENCE_MS = 10_000;

/** The keys of a backend's configuration that determine the identity and scope of its tokens. */
type TokenKeys = Pick<BackendConfig, 'url' | 'tokenScope' | 'identity'>;

/** Renewals of gateways that started together are spread over this time. */
const MAX_JITTER_MS = 30_000;

/** Creates the credential of a backend without a key. Fetches nothing yet. */
export function createEntraCredential(
  { url, tokenScope = scopeOf(url), identity }: TokenKeys,
  log: Log,
): Credential {
  const path = identity?.clientSecretFile;
  const file = path === undefined ? undefined : new SecretFile(path, log, () => credential.retry());
  const credential = new EntraCredential(
    createTokenFetcher(tokenScope, identity, file),
    ({ message }) => log.warn({ reason: message }, 'no token from Microsoft Entra ID'),
    Date.now,
    undefined,
    () => Math.random() * MAX_JITTER_MS,
  );
  return file === undefined ? credential : withFile(credential, file);
}

function withFile(credential: EntraCredential, file: SecretFile): Credential {
  return {
    current: () => credential.current(),
    fetch: () => credential.fetch(),
    renew: (refused) => credential.renew(refused),
    stop: () => {
      credential.stop();
      file.stop();
    },
  };
}

/** Returns a key that is equal only for backends that may share their tokens. */
export function identityKeyOf({ url, tokenScope = scopeOf(url), identity }: TokenKeys): string {
  return JSON.stringify([tokenScope, identity]);
}

/**
 * Creates a function that fetches tokens. The library is loaded at the first fetch, so users of keys never pay for it.
 */
export function createTokenFetcher(
  scope: string,
  identity: TokenKeys['identity'],
  file?: Pick<SecretFile, 'secret' | 'look'>,
  create = createTokenCredential,
): FetchToken {
  let made:
    { readonly secret: string | undefined; readonly credential: Promise<TokenCredential> } | undefined;
  const fetchWith = async (isAnew: boolean): Promise<AccessToken> => {
    const secret = file?.secret ?? identity?.clientSecret;
    // The library caches tokens itself, and keeps the secret that it was given.
    if (isAnew || made?.secret !== secret) made = undefined;
    made ??= { secret, credential: create(identity, secret) };
    const credential = await made.credential;
    const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    if (token === null) throw new Error('Microsoft Entra ID answered without a token');
    return token;
  };
  return async (isAnew = false) => {
    try {
      return await fetchWith(isAnew);
    } catch (error) {
      const secret = file?.secret;
      await file?.look();
      if (file?.secret === secret) throw error;
      return fetchWith(true);
    }
  };
}

/**
 * Creates the library's credential: for an application with a secret; for the named managed or workload identity; or
 * the standard `DefaultAzureCredential`, which tries environment, workload identity, managed identity and developer
 * tools in this order.
 */
async function createTokenCredential(
  identity: TokenKeys['identity'],
  clientSecret: string | undefined,
): Promise<TokenCredential> {
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  if (identity === undefined) return new DefaultAzureCredential();
  const { clientId, tenantId } = identity;
  if (clientSecret !== undefined && tenantId !== undefined)
    return new ClientSecretCredential(tenantId, clientId, clientSecret);
  const tenant = tenantId === undefined ? {} : { tenantId };
  return new DefaultAzureCredential({
    ...tenant,
    managedIdentityClientId: clientId,
    workloadIdentityClientId: clientId,
  });
}

/**
 * The data plane of Azure OpenAI in each cloud (Microsoft Learn, "How to configure Azure OpenAI with Microsoft Entra ID" and
 * "Compare Azure Government and global Azure").
 */
const SCOPES: readonly (readonly [host: RegExp, scope: string])[] = [
  [/\.azure\.us$/, 'https://cognitiveservices.azure.us/.default'],
  [/\.azure\.cn$/, 'https://cognitiveservices.azure.cn/.default'],
];

function scopeOf(endpoint: string): string {
  const { hostname } = new URL(endpoint);
  const known = SCOPES.find(([host]) => host.test(hostname));
  return known?.[1] ?? 'https://cognitiveservices.azure.com/.default';
}
