/**
 * Why no response arrived. `credential` means that the gateway had none to send, `no-descriptors` that the gateway itself
 * could open no connection, to whatever backend.
 */
export type TransportFailure =
  | 'refused'
  | 'reset'
  | 'dns'
  | 'tls'
  | 'connect-timeout'
  | 'header-timeout'
  | 'malformed'
  | 'credential'
  | 'no-descriptors';

/** Why a backend that answered could not serve. */
export type UnavailableCause = 'server-error' | 'credential-refused' | 'deployment-missing';

/** What an attempt's result means. Retry, cooldown, logs and metrics read this and nothing below it. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly status: number }
  /** The backend's quota is spent. */
  | { readonly kind: 'throttled'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** The backend answered, but cannot serve what any healthy backend could. */
  | {
      readonly kind: 'unavailable';
      readonly status: number;
      readonly cause: UnavailableCause;
      readonly retryAfterMs: number | undefined;
    }
  /** No response came. */
  | {
      readonly kind: 'unreachable';
      readonly failure: TransportFailure;
      readonly wasSent: boolean;
      /** Set where it had too little time for its silence to be its fault. */
      readonly wasHurried?: true;
    }
  /** The request itself is at fault; every backend would say the same. */
  | { readonly kind: 'rejected'; readonly status: number }
  /** The backend does not have the object that was asked for; the one that made it would. */
  | { readonly kind: 'not-found'; readonly status: number }
  /** The client went away. */
  | { readonly kind: 'aborted' };

/** Answers whether the backend may have acted on the request although the client got nothing from it. */
export function mayHaveAccepted(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'unavailable':
      return outcome.cause === 'server-error';
    case 'unreachable':
      return outcome.wasSent;
    case 'succeeded':
    case 'throttled':
    case 'rejected':
    case 'not-found':
    case 'aborted':
      return false;
  }
}

/** Answers whether an attempt has taken nothing of the backend's quota: it was refused, or never got there. */
export function costsNothing(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'throttled':
    case 'not-found':
      return true;
    case 'unavailable':
      return outcome.cause !== 'server-error';
    case 'unreachable':
      return !outcome.wasSent;
    case 'succeeded':
    case 'rejected':
    case 'aborted':
      return false;
  }
}

/** Answers whether a backend failed, so that a retry adds to the load on those that have not. */
export function isFailure(outcome: Outcome): boolean {
  return outcome.kind === 'unavailable' || outcome.kind === 'unreachable';
}

/** Answers whether the backend answered at all, whatever it said. */
export function hasAnswered(outcome: Outcome): boolean {
  return outcome.kind !== 'unreachable' && outcome.kind !== 'aborted';
}
