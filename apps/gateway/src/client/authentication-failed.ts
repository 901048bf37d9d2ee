import { GatewayError } from '../errors.ts';

/** Why a credential was refused, for operators' counts. The client is not told. */
export const REFUSAL_REASONS = [
  'missing',
  'malformed',
  'unknown',
  'expired',
  'disabled',
  'token-invalid',
  'token-expired',
  'token-foreign',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A preflight request that nobody answers here. It must not reach a backend, whose credential would be the gateway's. */
const PREFLIGHT =
  'Access denied: browsers send preflight requests without a credential. For web pages, the gateway needs `cors` in its ' +
  'configuration.';

/** A request from an unknown client. The client gets the same message, whatever is wrong with its credential. */
export class AuthenticationFailed extends GatewayError {
  readonly reason: RefusalReason;

  /**
   * @param waitSeconds how long its address must wait, after too many failures in a minute
   * @param isPreflight whether a browser asks what a page may send, which it does without a credential
   */
  constructor(reason: RefusalReason, waitSeconds: number, isPreflight = false) {
    const isOneTooMany = waitSeconds > 0;
    const wait = { 'retry-after': String(waitSeconds), 'retry-after-ms': String(waitSeconds * 1000) };
    super(
      isOneTooMany ? 'too-many-failures' : 'access-denied',
      isPreflight && !isOneTooMany ? PREFLIGHT : undefined,
      isOneTooMany ? wait : { 'www-authenticate': 'Bearer' },
    );
    this.reason = reason;
  }
}
