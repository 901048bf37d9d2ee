import { GatewayError } from '../errors.ts';

/** Why a credential was refused: for operators, who may count it. The client is told nothing of it. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'unknown'
  | 'expired'
  | 'disabled'
  | 'token-invalid'
  | 'token-expired'
  | 'token-foreign'
  | 'issuer-unavailable';

/** A request whose client is not known. All that its client is told is the same, whatever the reason. */
export class CredentialRefused extends GatewayError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super('access-denied', undefined, { 'www-authenticate': 'Bearer' });
    this.reason = reason;
  }
}

/** One of too many in a minute, of one address. */
export class TooManyFailures extends GatewayError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, waitSeconds: number) {
    const headers = { 'retry-after': String(waitSeconds), 'retry-after-ms': String(waitSeconds * 1000) };
    super('too-many-failures', undefined, headers);
    this.reason = reason;
  }
}
