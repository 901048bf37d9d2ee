/** How an error appears to a client: Azure's shape, with a status and code that its SDKs know. */
interface ErrorRow {
  readonly status: number;
  /** `error.code` in the body. */
  readonly code: string;
  /** The message where the place of the error has nothing more precise to say. */
  readonly message: string;
  /** Overrides the client SDK's own decision whether to retry (`x-should-retry`). */
  readonly shouldRetry?: boolean;
}

/** All errors of the gateway itself. */
export const errors = {
  'bad-request': { status: 400, code: 'BadRequest', message: 'The request could not be understood.' },
  unauthorized: { status: 401, code: 'Unauthorized', message: 'The key is not known.' },
  // Azure's own words, whatever is wrong with the credential.
  'access-denied': {
    status: 401,
    code: '401',
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active ' +
      'subscription and use a correct regional API endpoint for your resource.',
  },
  forbidden: {
    status: 403,
    code: 'PermissionDenied',
    message: 'The client is not allowed to do this.',
    shouldRetry: false,
  },
  'not-found': { status: 404, code: '404', message: 'Resource not found' },
  'deployment-missing': {
    status: 404,
    code: 'DeploymentNotFound',
    message: 'The API deployment for this resource does not exist.',
  },
  'method-not-allowed': { status: 405, code: 'MethodNotAllowed', message: 'The method is not allowed.' },
  'request-timeout': { status: 408, code: 'Timeout', message: 'The request did not arrive in time.' },
  'unknown-coding': {
    status: 501,
    code: 'NotImplemented',
    message: 'The transfer coding is not supported; send the body in chunks or with its length.',
  },
  'body-too-large': { status: 413, code: 'RequestEntityTooLarge', message: 'The request body is too large.' },
  'headers-too-large': {
    status: 431,
    code: 'RequestHeaderFieldsTooLarge',
    message: 'The headers are too large.',
  },
  'too-many-failures': {
    status: 429,
    code: '429',
    message: 'Too many requests from this address had no valid credential.',
    shouldRetry: false,
  },
  'budget-spent': { status: 429, code: '429', message: 'The client’s budget is spent.' },
  'quota-exceeded': {
    status: 403,
    code: 'quota_exceeded',
    message: 'The client’s quota is spent.',
    shouldRetry: false,
  },
  throttled: { status: 429, code: '429', message: 'Every backend is throttled.' },
  internal: {
    status: 500,
    code: 'InternalServerError',
    message: 'The gateway failed to handle the request.',
  },
  'not-repeatable': {
    status: 502,
    code: 'BadGateway',
    message: 'The backend’s answer was lost.',
    shouldRetry: false,
  },
  'not-replayable': {
    status: 502,
    code: 'BadGateway',
    message: 'The backend failed, and the request body is too large to be kept for another.',
  },
  overloaded: { status: 503, code: 'overloaded', message: 'The gateway is overloaded.' },
  unavailable: { status: 503, code: 'ServiceUnavailable', message: 'No backend is available.' },
  'out-of-time': { status: 504, code: 'GatewayTimeout', message: 'No backend answered in time.' },
} as const satisfies Record<string, ErrorRow>;

/** The name of a row of the table. */
export type ErrorName = keyof typeof errors;

/** An error that the client sees as a row of the table. The message must hold no secret, URL or prompt. */
export class GatewayError extends Error {
  readonly error: ErrorName;
  /** Headers that belong to the error, such as `allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    error: ErrorName,
    message: string = errors[error].message,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'GatewayError';
    this.error = error;
    this.headers = headers;
  }
}

/** The headers of an error that may be over in a moment. */
export const RETRY_SOON = { 'retry-after': '1', 'retry-after-ms': '1000' } as const;
