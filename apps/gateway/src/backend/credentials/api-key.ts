import type { Credential, CredentialHeader } from './credential.ts';

/** An Azure OpenAI resource key, sent as `api-key`. */
export function apiKeyCredential(apiKey: string): Credential {
  const header: CredentialHeader = ['api-key', apiKey];
  return { current: () => header, fetch: () => Promise.resolve(header) };
}
