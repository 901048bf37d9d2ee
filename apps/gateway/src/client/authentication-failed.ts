import { GatewayError } from '../errors.ts';

/** Why a credential was refused: for operators, who may count it. The client is told nothing of it. */
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

/** A request whose client is not known. What its client is told is the same, whatever the reason. */
export class AuthenticationFailed extends GatewayError {
  readonly reason: RefusalReason;

  /** @param waitSeconds how long its address has to wait, after too many failures in a minute */
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
