import type { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';

/** The parts of the library that are used; the bundle contains no others. */
interface JoseParts {
  readonly decodeJwt: typeof decodeJwt;
  readonly decodeProtectedHeader: typeof decodeProtectedHeader;
  readonly importJWK: typeof importJWK;
  readonly jwtVerify: typeof jwtVerify;
}

let parts: Promise<JoseParts> | undefined;

/** Loads the library when the first token needs it, so users of keys never pay for it. */
export function loadJose(): Promise<JoseParts> {
  parts ??= import('jose');
  return parts;
}
