import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The facts about the call and the answering resource in a response's headers. */
export interface HeaderFacts {
  readonly region: string;
  readonly deployment: string | undefined;
  readonly requestHeaders: IncomingHttpHeaders;
  /** The limits they report, names and values in turn; the same ample limits always when left out. */
  readonly rateHeaders?: readonly string[] | undefined;
}

const ampleRates: readonly string[] = [
  'x-ratelimit-limit-requests',
  '1000',
  'x-ratelimit-limit-tokens',
  '1000000',
  'x-ratelimit-remaining-requests',
  '999',
  'x-ratelimit-remaining-tokens',
  '999000',
];

const run = randomUUID().slice(0, 26);
let count = 1_000_000_000;

/** The headers of an answer from a model, as Azure sends them, names and values in turn. */
export function modelHeaders(contentType: string, facts: HeaderFacts): string[] {
  const id = makeUuid();
  const headers = [
    'Cache-Control',
    'no-cache, must-revalidate',
    'Content-Type',
    contentType,
    'access-control-allow-origin',
    '*',
    ...resourceHeaders(id, facts),
    ...(facts.rateHeaders ?? ampleRates),
    'x-accel-buffering',
    'no',
    'x-ms-rai-invoked',
    'true',
    'x-request-id',
    makeUuid(),
    'x-ms-client-request-id',
    echoedId(facts.requestHeaders) ?? id,
    'azureml-model-session',
    'd145-20240919052126',
  ];
  if (facts.deployment !== undefined)
    headers.push('x-ms-deployment-name', encodeURIComponent(facts.deployment.toWellFormed()));
  return headers;
}

/** The headers of an answer that Azure's front door gives without a model, such as 401 and 404. */
export function frontDoorHeaders(): string[] {
  return ['apim-request-id', makeUuid(), 'Content-Type', 'application/json'];
}

/** The headers of an error from the service itself, such as 429, 408 and 503. */
export function serviceErrorHeaders(contentType: string, facts: HeaderFacts): string[] {
  const id = makeUuid();
  return [
    'Content-Type',
    contentType,
    ...resourceHeaders(id, facts),
    'x-ms-client-request-id',
    echoedId(facts.requestHeaders) ?? id,
  ];
}

/** The headers of every answer of the resource itself, good or not, in Azure's order. */
function resourceHeaders(id: string, { region }: HeaderFacts): string[] {
  return [
    'apim-request-id',
    id,
    'Strict-Transport-Security',
    'max-age=31536000; includeSubDomains; preload',
    'x-content-type-options',
    'nosniff',
    'x-ms-region',
    region,
  ];
}

function echoedId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['x-ms-client-request-id'];
  return Array.isArray(id) ? id[0] : id;
}

/** Makes a unique UUID: random digits for the process plus a counter, as a fully random one costs ten times as much. */
export function makeUuid(): string {
  count += 1;
  return run + count;
}
