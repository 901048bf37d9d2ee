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

/** A request from an unknown client. The client gets the same message, whatever the reason. */
export class AuthenticationFailed extends GatewayError {
  readonly reason: RefusalReason;

  /** @param waitSeconds how long its address must wait, after too many failures in a minute */
  constructor(reason: RefusalReason, waitSeconds: number) {
    const isOneTooMany = waitSeconds > 0;
    const wait = { 'retry-after': String(waitSeconds), 'retry-after-ms': String(waitSeconds * 1000) };
    super(
      isOneTooMany ? 'too-many-failures' : 'access-denied',
      undefined,
      isOneTooMany ? wait : { 'www-authenticate': 'Bearer' },
    );
    this.reason = reason;
  }
}
