import { headerNameLowerCasedRecord as knownNames } from 'undici/lib/core/constants.js';

/** Headers of the OpenAI SDKs, in their spelling, and of the proxies that may stand in front. */
export const FAMILIAR_HEADERS: readonly string[] = [
  'api-key',
  'OpenAI-Organization',
  'OpenAI-Project',
  'X-Stainless-Arch',
  'X-Stainless-Async',
  'X-Stainless-Helper-Method',
  'X-Stainless-Lang',
  'X-Stainless-OS',
  'X-Stainless-Package-Version',
  'X-Stainless-Raw-Response',
  'X-Stainless-Read-Timeout',
  'X-Stainless-Retry-Count',
  'X-Stainless-Runtime',
  'X-Stainless-Runtime-Version',
  'X-Stainless-Timeout',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Ms-Client-Request-Id',
  'X-Request-Id',
  'traceparent',
  'tracestate',
];

/**
 * Adds them to the names that undici knows, in their spelling and in lower case. Every other name of a request it brings
 * into lower case, looks up once more and checks letter by letter, which made 4 % of a request's instructions (measured).
 */
export function makeHeadersFamiliar(): void {
  for (const name of FAMILIAR_HEADERS) {
    const lowerCase = name.toLowerCase();
    knownNames[name] = lowerCase;
    knownNames[lowerCase] = lowerCase;
  }
}
