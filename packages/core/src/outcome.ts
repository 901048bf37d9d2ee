/**
 * Why no response arrived. `credential` means that the gateway had none to send, `no-descriptors` that the gateway
 * itself could open no connection to any backend.
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
export type UnavailableCause =
  | 'server-error'
  /** It reports its own failure, before it has produced anything of use. */
  | 'nothing-made'
  | 'credential-refused'
  | 'deployment-missing'
  /** The redirect leads past the gateway. */
  | 'redirected';

/** Why a backend declines what another may do. */
export type DeclineCause =
  /** Its region, version or model does not support it. */
  | 'unsupported'
  /** It refuses an operation, a model or a user. */
  | 'forbidden'
  /** Either that, or its credential is refused; it does not say. */
  | 'unexplained';

/** The meaning of an attempt's result. Retries, cooldowns, logs and metrics read this and nothing below it. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly status: number }
  /** The backend's quota is spent. */
  | { readonly kind: 'throttled'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** The backend answered, but cannot serve requests that any healthy backend could. */
  | {
      readonly kind: 'unavailable';
      readonly status: number;
      readonly cause: UnavailableCause;
      readonly retryAfterMs: number | undefined;
    }
  /** No response came; or, as the cause of a cooldown, several broke off in their middle. */
  | {
      readonly kind: 'unreachable';
      readonly failure: TransportFailure | 'broken-off';
      readonly wasSent: boolean;
      /** Set where the attempt had too little time for its silence to be the backend's fault. */
      readonly wasHurried?: true;
    }
  /** The request itself is at fault; every backend would say the same. */
  | { readonly kind: 'rejected'; readonly status: number }
  /** This backend declines, though another may not. Its answer goes to the client if every other declines too. */
  | { readonly kind: 'declined'; readonly status: number; readonly cause: DeclineCause }
  /** The backend does not have the requested object; the backend that made it would. */
  | { readonly kind: 'not-found'; readonly status: number }
  /** The client went away. */
  | { readonly kind: 'aborted' };

/** Returns whether the backend may have acted on the request although the client got nothing from it. */
export function mayHaveAccepted(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'unavailable':
      return outcome.cause === 'server-error';
    case 'unreachable':
      return outcome.wasSent;
    case 'succeeded':
    case 'throttled':
    case 'rejected':
    case 'declined':
    case 'not-found':
    case 'aborted':
      return false;
  }
}

/** Returns whether a backend that has the deployment has failed at it. */
export function isOfServer(cause: UnavailableCause): boolean {
  return cause === 'server-error' || cause === 'nothing-made';
}

/** Returns whether an attempt used none of the backend's quota: it was refused, or never got there. */
export function costsNothing(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'throttled':
    case 'declined':
    case 'not-found':
      return true;
    case 'unavailable':
      return outcome.cause === 'credential-refused' || outcome.cause === 'deployment-missing';
    case 'unreachable':
      return !outcome.wasSent;
    case 'succeeded':
    case 'rejected':
    case 'aborted':
      return false;
  }
}

/** Returns whether a backend failed, so that a retry adds to the load on those that have not. */
export function isFailure(outcome: Outcome): boolean {
  return outcome.kind === 'unavailable' || outcome.kind === 'unreachable';
}

/** Returns whether the backend's answer is for the client if no other backend does better. */
export function isRefusal(outcome: Outcome): boolean {
  return outcome.kind === 'declined' || (outcome.kind === 'unavailable' && outcome.status === 424);
}

/**
 * Returns the meaning of an outcome for a request: a 404 is about the requested object where any backend may have it,
 * and about a path or a model, which another backend may have, where the request is about no object.
 *
 * @param isLookup whether it asks for an object that any backend may have
 * @param isOfObject whether it is about an object
 */
export function ofRequest(
  outcome: Outcome,
  {
    isLookup,
    isOfObject,
  }: { readonly isLookup?: boolean | undefined; readonly isOfObject?: boolean | undefined },
): Outcome {
  if (isLookup) return ofLookup(outcome);
  return isOfObject ? outcome : ofNoObject(outcome);
}

function ofLookup(outcome: Outcome): Outcome {
  const isDeclined = outcome.kind === 'declined' && outcome.status === 404;
  return isDeclined ? { kind: 'not-found', status: outcome.status } : outcome;
}

function ofNoObject(outcome: Outcome): Outcome {
  const isMissing = outcome.kind === 'not-found' && outcome.status === 404;
  return isMissing ? { kind: 'declined', status: outcome.status, cause: 'unsupported' } : outcome;
}

/** Returns whether the backend does not have the object or deployment that the request is about. */
export function saysMissing(outcome: Outcome): boolean {
  return (
    outcome.kind === 'not-found' || (outcome.kind === 'unavailable' && outcome.cause === 'deployment-missing')
  );
}

/** Returns whether this answer may have to go to the client, if all other backends answer alike. */
export function isForClient(outcome: Outcome): boolean {
  return outcome.kind === 'rejected' || isRefusal(outcome) || saysMissing(outcome);
}

/** Returns whether the backend answered at all, with whatever answer. */
export function hasAnswered(outcome: Outcome): boolean {
  return outcome.kind !== 'unreachable' && outcome.kind !== 'aborted';
}
