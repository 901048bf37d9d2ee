/** The header that authenticates the gateway at a backend. */
export type CredentialHeader = readonly [name: string, value: string];

/** The credential that the gateway sends to a backend instead of the client's. */
export interface Credential {
  /** The header to send now, or `undefined` when it must be fetched first. */
  current(): CredentialHeader | undefined;
  /** Fetches the header. Rejects when there is none to be had. */
  fetch(): Promise<CredentialHeader>;
  /**
   * Looks for another header than the one that the backend has just refused, as the credential may have been rotated.
   * Resolves with `undefined` if there is none. Never rejects. Absent where there never is another.
   *
   * @param refused the same header object that was returned here: a header from before a rotation may be tried again
   * after it
   */
  renew?(refused: CredentialHeader): Promise<CredentialHeader | undefined>;
  /** Stops the renewal; the present header may still be used. */
  stop?(): void;
}

/** An Azure OpenAI resource key, sent as `api-key`. */
export function apiKeyCredential(apiKey: string): Credential {
  const header: CredentialHeader = ['api-key', apiKey];
  return { current: () => header, fetch: () => Promise.resolve(header) };
}
