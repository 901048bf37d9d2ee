/** The claims of a token that say whose it is. */
export interface TokenClaims {
  readonly iss?: string | undefined;
  readonly tid?: unknown;
  readonly aud?: unknown;
  readonly azp?: unknown;
  readonly appid?: unknown;
  readonly roles?: unknown;
}

/** The credential that a client was admitted with, as far as needed to tell later whether it still counts. */
export interface HashedCredential {
  /** In hexadecimal digits. */
  readonly sha256: string;
  /** Undefined where it is no token. */
  readonly claims: TokenClaims | undefined;
}
