/** The header that authenticates the gateway at a backend. */
export type CredentialHeader = readonly [name: string, value: string];

/** What the gateway sends a backend instead of the client's own credential. */
export interface Credential {
  /** The header to send now, or `undefined` when it must be fetched first. */
  current(): CredentialHeader | undefined;
  /** Fetches the header. Rejects when there is none to be had. */
  fetch(): Promise<CredentialHeader>;
}

/** An Azure OpenAI resource key, sent as `api-key`. */
export function apiKeyCredential(apiKey: string): Credential {
  const header: CredentialHeader = ['api-key', apiKey];
  return { current: () => header, fetch: () => Promise.resolve(header) };
}
