import type { TokenCredential } from '@azure/identity';
import type { BackendConfig } from '../../config/schema.ts';
import { EntraCredential, type FetchToken } from './entra.ts';

/** A request that waits for its first token could be served by another backend meanwhile. */
const PATIENCE_MS = 10_000;

/** The keys of a backend's configuration that say whose tokens it gets, and for what. */
type TokenKeys = Pick<BackendConfig, 'url' | 'tokenScope' | 'identity'>;

/** The Microsoft Entra ID credentials of all backends: those with the same identity and scope share one. */
export class EntraCredentials {
  readonly #credentials = new Map<string, EntraCredential>();
  readonly #onFailure: (error: Error) => void;

  /** @param onFailure told of every fetch that failed */
  constructor(onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
  }

  /** Returns the credential of a backend. Fetches nothing yet. */
  of({ url, tokenScope = scopeOf(url), identity }: TokenKeys): EntraCredential {
    const key = JSON.stringify([tokenScope, identity]);
    const known = this.#credentials.get(key);
    if (known !== undefined) return known;
    const credential = new EntraCredential(createTokenFetcher(tokenScope, identity), this.#onFailure);
    this.#credentials.set(key, credential);
    return credential;
  }
}

/** Makes what fetches tokens. The library is loaded at the first fetch: whoever uses keys never pays for it. */
function createTokenFetcher(scope: string, identity: TokenKeys['identity']): FetchToken {
  let credential: Promise<TokenCredential> | undefined;
  return async () => {
    credential ??= createTokenCredential(identity);
    const made = await credential;
    const token = await made.getToken(scope, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    if (token === null) throw new Error('Microsoft Entra ID answered without a token');
    return token;
  };
}

/**
 * Makes the library's credential: of an application with a secret; of the managed or workload identity that is named; or
 * `DefaultAzureCredential` as it comes, with environment, workload identity, managed identity and developer tools in its order.
 */
async function createTokenCredential(identity: TokenKeys['identity']): Promise<TokenCredential> {
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  if (identity === undefined) return new DefaultAzureCredential();
  const { clientId, tenantId, clientSecret } = identity;
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
