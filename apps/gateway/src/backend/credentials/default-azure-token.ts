import type { TokenCredential } from '@azure/identity';
import type { FetchToken } from './entra.ts';

/** The data plane of Azure OpenAI (Microsoft Learn, "How to configure Azure OpenAI with Microsoft Entra ID"). */
const SCOPE = 'https://cognitiveservices.azure.com/.default';

/** A request that waits for its first token could be served by another backend meanwhile. */
const PATIENCE_MS = 10_000;

let shared: Promise<TokenCredential> | undefined;

/**
 * Fetches a token with `DefaultAzureCredential`: environment, workload identity, managed identity, developer tools, in
 * its order. The library is loaded at the first call: who uses keys never pays for it.
 */
export const fetchDefaultAzureToken: FetchToken = async () => {
  shared ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
  const credential = await shared;
  const token = await credential.getToken(SCOPE, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
  if (token === null) throw new Error('Microsoft Entra ID answered without a token');
  return token;
};
