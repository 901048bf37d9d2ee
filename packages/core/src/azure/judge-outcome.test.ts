import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { isCredentialRefused, judgeOutcome, whatToRead } from './judge-outcome.ts';
import type { DeclineCause, TransportFailure, UnavailableCause } from '../outcome.ts';
import { headerLookup, type Headers, makeAnswer } from '../testing/make-answer.ts';

const judge = (status: number, bodyText?: string, headers: Headers = {}) =>
  judgeOutcome(makeAnswer(status, { headers, ...(bodyText === undefined ? {} : { bodyText }) }));

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const unavailable = (cause: UnavailableCause) => ({ kind: 'unavailable', cause, retryAfterMs: undefined });

const CASES: [string, number[], object][] = [
  ['2xx and 304 succeed', [...range(200, 299), 304], { kind: 'succeeded' }],
  [
    'what leads elsewhere, or says that it does, is the backend’s fault',
    [...range(300, 303), 305, 306, ...range(309, 399)],
    unavailable('server-error'),
  ],
  ['307 and 308 have done nothing', [307, 308], unavailable('redirected')],
  ['429 is throttled', [429], { kind: 'throttled', retryAfterMs: undefined }],
  [
    '5xx, and a connection that was waited for in vain, are the backend’s fault',
    [408, 444, 460, 499, ...range(500, 599)],
    unavailable('server-error'),
  ],
  ['401 and 403 do not say whose', [401, 403], { kind: 'declined', cause: 'unexplained' }],
  ['407 is about the credential for a proxy', [407], unavailable('credential-refused')],
  ['424 is a model that failed', [424], unavailable('nothing-made')],
  [
    'every other 4xx is for another backend',
    [
      400,
      402,
      ...range(404, 406),
      ...range(409, 423),
      ...range(425, 428),
      ...range(430, 443),
      ...range(445, 459),
      ...range(461, 498),
    ],
    { kind: 'declined', cause: 'unsupported' },
  ],
];

test.each(CASES)('every status, of a body that says nothing: %s', (_, statuses, expected) => {
  for (const status of statuses) {
    expect(judge(status)).toEqual({ ...expected, status });
    expect(judge(status, '')).toEqual({ ...expected, status });
  }
});

test.each(['responses', 'chat/completions', 'embeddings', 'messages'])(
  'a request for %s that fails with 500, 502 or 503 has made nothing of use, and with another status may have',
  (operation) => {
    for (const status of [408, ...range(500, 599)]) {
      const cause = [500, 502, 503].includes(status) ? 'nothing-made' : 'server-error';
      expect(judgeOutcome({ ...makeAnswer(status), operation })).toEqual({ ...unavailable(cause), status });
    }
  },
);

test.each(['batches', 'files', 'threads/runs', 'videos'])(
  'a request to %s that fails may have made an object',
  (operation) => {
    for (const status of [408, ...range(500, 599)]) {
      const outcome = { ...unavailable('server-error'), status };
      expect(judgeOutcome({ ...makeAnswer(status), operation })).toEqual(outcome);
    }
  },
);

test('every status is in exactly one row of what a body says that says nothing', () => {
  const listed = CASES.flatMap(([, statuses]) => statuses).sort((a, b) => a - b);
  expect(listed).toEqual(range(200, 599));
});

const error = (code: unknown, message = 'The API deployment for this resource does not exist.') =>
  JSON.stringify({ error: { code, message } });

const CONTENT_FILTER = JSON.stringify({
  error: {
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { hate: { filtered: false } },
    },
  },
});

test.each<[number, string, string]>([
  [404, 'as classic paths say it', error('DeploymentNotFound')],
  [400, 'as v1 says it', error('DeploymentNotFound')],
  [400, 'as an unknown model', error('unknown_model')],
  [404, 'as an unknown model', error('unknown_model')],
  [404, "under OpenAI's name", error('model_not_found')],
  [400, "under OpenAI's name", error('model_not_found')],
  [404, 'pretty-printed', JSON.stringify(JSON.parse(error('DeploymentNotFound')), null, 2)],
  [404, 'with odd white space', '{"error" : {"code" :\n\t"DeploymentNotFound"}}'],
  [404, 'in another case', error('deploymentnotfound')],
  [404, 'not nested', '{"code":"DeploymentNotFound"}'],
  [404, 'after the message', '{"error":{"message":"no such thing","code":"DeploymentNotFound"}}'],
  [404, 'in a body that was cut off', '{"error":{"code":"DeploymentNotFound","message":"The API dep'],
  [409, 'as some servers say it', error('DeploymentNotFound')],
  [422, 'as an unknown model', error('unknown_model')],
  [400, 'in its details', '{"error":{"code":"BadRequest","details":[{"code":"DeploymentNotFound"}, null]}}'],
  [400, 'in plain words', 'The API deployment for this resource does not exist.\n'],
])('a deployment that is missing is told by a %d %s', (status, _, bodyText) => {
  expect(judge(status, bodyText)).toEqual({ ...unavailable('deployment-missing'), status });
});

test.each<[number, string, string | undefined]>([
  [404, 'of an object that is unknown', error(null, 'No response found with id resp_1.')],
  [404, 'that only mentions the code', error('404', 'see DeploymentNotFound')],
  [404, 'that quotes the code from the request', error('404', 'in {"code":"DeploymentNotFound"}')],
  [404, 'of a code that is longer', error('DeploymentNotFoundYet', 'not yet')],
  [400, 'of the content filter', CONTENT_FILTER],
  [400, 'of a request that is invalid', error('invalid_prompt', 'no')],
  [400, 'of a prompt that is too long', error('context_length_exceeded', 'no')],
  [409, 'of a conflict', error('Conflict', 'There is one already.')],
  [422, 'of a field', wrong(null, 'The deployment is not available.', 'input')],
  [413, 'with that code', error('DeploymentNotFound')],
])(
  'a deployment that is missing is not told by a %d %s, which is the client’s to see',
  (status, _, bodyText) => {
    expect(judge(status, bodyText)).toEqual({ kind: status === 404 ? 'not-found' : 'rejected', status });
  },
);

test.each([408, 429, 500, 503])('a deployment that is missing changes nothing about a %d', (status) => {
  expect(judge(status, error('DeploymentNotFound'))).toEqual(judge(status));
});

const DECLINED: readonly [number, string, string | undefined][] = [
  [404, 'of a path that is unknown', error('404', 'Resource not found')],
  [404, 'of API Management', '{ "statusCode": 404, "message": "Resource not found" }'],
  [404, 'of a compatible server', '{"detail":"Not Found"}'],
  [404, 'without a body', undefined],
  [404, 'with an empty body', ''],
  [400, 'without a body', undefined],
  [400, 'with an empty body', ''],
  [422, 'in words that are nobody’s API', 'no such app'],
  [400, 'of a server’s front end', 'Client sent an HTTP request to an HTTPS server.\n'],
  [400, 'of a list of errors', '[{"error":{"code":400,"message":"User location is not supported."}}]'],
  [400, 'behind a byte order mark', `\ufeff${error(null, 'This feature is not enabled for this resource.')}`],
  [400, 'of a bill', error('billing_hard_limit_reached', 'Billing hard limit has been reached')],
  [400, 'of a balance', error(null, 'Your credit balance is too low to access the API.')],
  [400, 'of a resource’s owner', error(null, 'This organization has been disabled.')],
  [400, 'of a spent quota', error('insufficient_quota', 'You exceeded your current quota, please check it.')],
  [400, 'of a model that is being loaded', '{"error":"Model x is currently loading","estimated_time":20}'],
  [400, 'of no upstream', error('400', 'no healthy upstream')],
  [400, 'of a model that cannot see', error(null, 'The model does not support image input')],
  [400, 'of a region, by its code alone', error('ModelNotAvailable', 'Das Modell ist hier nicht da.')],
  [400, 'of a policy, by its code alone', error('RequestDisallowedByPolicy', 'No.')],
  [400, 'of a model by another name', wrong('invalid_request_error', 'Model Not Exist', null)],
  [400, 'of a resource that is not there', error('400', 'Subdomain does not map to a resource.')],
  [400, 'of thoughts sealed elsewhere', error(null, 'Invalid `data` in `redacted_thinking` block')],
  [400, 'of thoughts signed elsewhere', error(null, 'content.0: Invalid `signature` in `thinking` block')],
  [
    400,
    'of an API in a region',
    error('BadRequest', 'The requested model cannot be used with the Assistants API in westus.'),
  ],
  [400, 'of a model of that name', error(null, "Specified model 'gpt-4o' doesn't exist")],
  [400, 'of an engine', error(null, 'Engine not found')],
  [400, 'of a model at its end', error('ModelEndOfLife', "Model 'gpt-4o' has reached end of life.")],
  [400, 'of a model with no room', error('ModelAtCapacity', 'The model gpt-4o is at capacity.')],
  [
    400,
    'of a model that nobody has used for long',
    error(null, 'This fine-tuned model has been deactivated.'),
  ],
  [400, 'of a deployment that rests', error('DeploymentPaused', 'The deployment is paused.')],
  [400, 'of a resource that is blocked', error('ResourceBlocked', 'Your resource has been blocked.')],
  [400, 'of a subscription', error(null, 'Your subscription has no access to gpt-4o.')],
  [400, 'of a front end that cannot look it up', error('BadRequest', 'Unable to get resource information.')],
  [400, 'of a model that is not loaded', error(null, 'Failed to load model')],
  [409, 'of a deployment that is being changed', error('409', 'The deployment is being updated.')],
  [409, 'of another operation', error('RequestConflict', 'Another operation is being performed.')],
  [404, 'that is a page', '<html><h1>DeploymentNotFound</h1></html>'],
  [400, 'that is a page', '\n<!DOCTYPE html><h2>Bad Request - Invalid Hostname</h2>'],
  [404, 'of a body that was cut off in the code', '{"error":{"code":"DeploymentNotF'],
  [404, 'of another path of OpenAI’s', error(null, 'Invalid URL (POST /v1/responses)')],
  [404, 'of a path by its code', error('unknown_url', 'Please check it.')],
  [404, 'of Kong', '{"message":"no Route matched with those values"}'],
  [404, 'of API Management’s operations', error(404, 'Unable to match incoming request to an operation.')],
  [404, 'of a model of Claude’s', error(null, 'model: claude-sonnet-4-5')],
  [404, 'of a model to be pulled', error(null, 'model "gpt-4o" not found, try pulling it first')],
  [404, 'of a model by its name', error(404, "Model 'gpt-4o' not found")],
  [404, 'of a model without quotes', error(null, 'The model gpt-4o does not exist or is not yours.')],
  [409, 'of a deployment that is being made', error('DeploymentNotReady', 'It is being provisioned.')],
  [400, 'of a problem’s title', '{"title":"The model is not available in this region","status":400}'],
  [400, 'in plain words', 'This deployment is disabled'],
  [400, 'of a model name', wrong('400', 'Invalid model name passed in model=gpt-4o.', 'model')],
  [404, 'of a region', error('404', 'The model is not available in this region.')],
  [
    410,
    'of a retired model',
    error('ModelDeprecated', 'The model version of this deployment has been retired.'),
  ],
  [400, 'of a region', error('BadRequest', 'Azure OpenAI Responses API is not enabled in this region.')],
  [
    400,
    'of a tool in a region',
    wrong(null, 'The tool web_search is not supported in region eastus2.', 'tools'),
  ],
  [400, 'of a model that is retired', error(null, 'The model gpt-4-0613 has been retired. Use another.')],
  [
    400,
    'of a model that is not there',
    wrong(
      'OperationNotSupported',
      'The chatCompletion operation does not work with the specified model, o1-pro.',
      null,
    ),
  ],
  [400, 'of a version', error('BadRequest', 'API version not supported')],
  [
    400,
    'of a version under its own name',
    error('UnsupportedApiVersion', 'Unsupported api-version: 2025-04-01-preview'),
  ],
  [400, 'of a resource', error(null, 'This feature is not enabled for this resource.')],
];

function wrong(code: unknown, message: string, param: string | null): string {
  return JSON.stringify({ error: { code, message, param, type: 'invalid_request_error' } });
}

test.each(DECLINED)('what another backend may do better is told by a %d %s', (status, _, bodyText) => {
  expect(judge(status, bodyText)).toEqual({ kind: 'declined', status, cause: 'unsupported' });
});

test.each([400, 405, 406, 409, 411, 412, 413, 415, 416, 417, 422, 426, 428, 431])(
  'what another backend may do better is told by a %d that is a page or says nothing, not by an error of the API',
  (status) => {
    const page = '<html><h1>Request Entity Too Large</h1></html>';
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    expect(judge(status, page, headers)).toEqual({ kind: 'declined', status, cause: 'unsupported' });
    expect(judge(status, 'Too large.')).toEqual({ kind: 'declined', status, cause: 'unsupported' });
    expect(judge(status, error('x', 'Too large.'))).toEqual({ kind: 'rejected', status });
  },
);

test.each([402, 414, 418, 420, 421, 423, 425, 430, 440, 449, 451, 494, 498])(
  'what another backend may do better is told by a %d, which the API has not',
  (status) => {
    expect(judge(status, error('x', 'No.'))).toEqual({ kind: 'declined', status, cause: 'unsupported' });
  },
);

test.each<[string, string, object]>([
  ['throttling', error('RateLimitReached', 'Please retry after 9 seconds'), { retryAfterMs: 9000 }],
  ['throttling elsewhere', error('ThrottlingException', 'Rate exceeded'), { kind: 'throttled' }],
  ['a server’s trouble', error('InternalServerError', 'x'), { kind: 'declined' }],
  ['a silent server', error('Timeout', 'The operation was timeout.'), { kind: 'declined' }],
  ['too much to do', error('engine_overloaded_error', 'x'), { kind: 'declined' }],
  ['a wrong key', error(400, 'API key not valid. Please pass one.'), { cause: 'unexplained' }],
  ['a wrong key, as a code', error('invalid_api_key', 'No.'), { kind: 'declined', cause: 'unexplained' }],
  ['a tool’s key', error(null, 'MCP server says: Invalid API key'), { kind: 'rejected' }],
  ['a throttled tool', error('429', 'MCP server refused: slow down.'), { kind: 'rejected' }],
  ['a tool in trouble', error('500', 'MCP server failed.'), { kind: 'rejected' }],
  ['a field called so', wrong('server_error', 'No.', 'input'), { kind: 'rejected' }],
  ['a list of wrong fields', '{"detail":[{"loc":["body","n"],"msg":"missing"}]}', { kind: 'rejected' }],
])('a 400 that tells of %s is judged by that', (_, bodyText, expected) => {
  expect(judge(400, bodyText)).toMatchObject(expected);
});

test.each([200, 204, 304, 426])(
  'what another backend may do better is an upgrade that got a %d',
  (status) => {
    const bodyText = error('x', 'No.');
    const refusal = { ...makeAnswer(status, { bodyText }), isUpgradeRefused: true } as const;
    expect(judgeOutcome(refusal)).toEqual({ kind: 'declined', status, cause: 'unsupported' });
    expect(judge(status, bodyText).kind).not.toBe('declined');
    expect(judgeOutcome({ ...refusal, status: 422 })).toMatchObject({ kind: 'rejected' });
  },
);

test.each<[number, string]>([
  [
    400,
    "The API deployment 'gpt-4o' for this resource does not exist. If you created it within the last 5 minutes, wait.",
  ],
  [404, "The API deployment 'gpt-4o' for this resource does not exist."],
  [400, 'Could not find an existing deployment to match the model in the request.'],
  [404, 'The model `gpt-5` does not exist or you do not have access to it.'],
])('what another backend may do better is told by a %d that says without a code: %s', (status, message) => {
  expect(judge(status, wrong(null, message, null))).toEqual({
    ...unavailable('deployment-missing'),
    status,
  });
});

test.each<[string, string]>([
  [
    'a parameter',
    wrong(
      'unsupported_parameter',
      "Unsupported parameter: 'max_tokens' is not supported with this model.",
      'max_tokens',
    ),
  ],
  [
    'a value',
    wrong('unsupported_value', "'temperature' does not support 0.2 with this model.", 'temperature'),
  ],
  ['a field', wrong(null, "The model is not available for 'input'.", 'input')],
  ['a prompt', wrong('invalid_prompt', 'The model is not available: no.', null)],
  ['a combination', wrong(null, 'logprobs cannot be used with the tool web_search.', null)],
  ['a message', wrong(null, 'The last message cannot be used: its role is paused.', null)],
  ['a tool call', wrong(null, 'No tool output found for function call call_1.', null)],
  ['the content filter', CONTENT_FILTER],
  [
    'a response',
    wrong('previous_response_not_found', 'Previous response not found.', 'previous_response_id'),
  ],
  [
    'a version of its choice',
    error('BadRequest', 'json_schema is enabled only for api versions 2024-08-01-preview and later'),
  ],
])(
  'what another backend may do better is not told by a 400 that is about %s of the request',
  (_, bodyText) => {
    expect(judge(400, bodyText)).toEqual({ kind: 'rejected', status: 400 });
  },
);

test('what another backend may do better is not told by a 424 that is about a tool of the client’s own', () => {
  const connector = { type: 'external_connector_error', param: 'tools', code: 'http_error', message: 'x' };
  expect(judge(424, JSON.stringify({ error: connector }))).toEqual({ kind: 'rejected', status: 424 });
  const unnamed = error('failed_dependency', "Error retrieving tool list from MCP server: 'x'.");
  expect(judge(424, unnamed)).toEqual({ kind: 'rejected', status: 424 });
});

test.each([
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key.',
  'Access denied due to Virtual Network/Firewall rules.',
  'Key based authentication is disabled for this resource.',
  'The resource has been temporarily blocked.',
  'Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired.',
  'Token tenant 1 does not match resource tenant.',
  'Public access is disabled. Please configure private endpoint.',
  'Incorrect API key provided.',
])('a 401 or 403 is about the resource’s credential: %s', (message) => {
  for (const status of [401, 403])
    expect(judge(status, error('401', message))).toEqual({ ...unavailable('credential-refused'), status });
});

test.each([
  ['PermissionDenied', 'The principal `1` lacks the required data action `files/import/action`.'],
  ['PermissionDenied', 'Principal does not have access to API/Operation.'],
  ['Unauthorized', 'This operation requires ephemeral authentication.'],
  ['unsupported_access', 'This model requires verification.'],
  ['403', 'Your organization must be verified to use the model gpt-image-1.'],
  ['403', 'You are not allowed to sample from this model'],
  [null, 'Project does not have access to model gpt-5'],
])('a 401 or 403 is about an operation, a model or a user: %s %s', (code, message) => {
  for (const status of [401, 403])
    expect(judge(status, error(code, message))).toEqual({ kind: 'declined', status, cause: 'forbidden' });
});

test.each([error('403', 'Forbidden'), '<html>403 Forbidden</html>', '{}'])(
  'a 401 or 403 does not say: %s',
  (bodyText) => {
    expect(judge(403, bodyText)).toEqual({ kind: 'declined', status: 403, cause: 'unexplained' });
  },
);

const QUOTA = 'Out of call volume quota. Quota will be replenished in 01:22:33.';

test.each<[string, Headers, number | undefined]>([
  [QUOTA, { 'retry-after': '4953' }, 4_953_000],
  [QUOTA, {}, 4_953_000],
  ['Out of bandwidth quota. Quota will be replenished in 1.00:00:01.', {}, 86_401_000],
  ['Token quota is exceeded. Try again in 2 days.', { 'retry-after': '172800' }, 172_800_000],
  ['Token quota is exceeded. Try again in 2 days.', {}, undefined],
  ['Forbidden', { 'retry-after': '30' }, 30_000],
])(
  'a 403 of a spent quota is throttled, and says when to come back: %s %j',
  (message, headers, retryAfterMs) => {
    const body = JSON.stringify({ statusCode: 403, message });
    expect(judge(403, body, headers)).toEqual({ kind: 'throttled', status: 403, retryAfterMs });
    expect(isCredentialRefused(makeAnswer(403, { headers, bodyText: body }))).toBe(false);
  },
);

test('a 403 that says what is refused for good is not throttled, whatever its Retry-After', () => {
  const headers = { 'retry-after': '30' };
  expect(judge(403, error('403', 'Invalid subscription key.'), headers)).toMatchObject({
    kind: 'unavailable',
  });
  expect(judge(403, error('PermissionDenied', 'No.'), headers)).toMatchObject({ kind: 'declined' });
  expect(judge(401, '{}', headers)).toMatchObject({ kind: 'declined' });
});

test('a 401 or 403 is about the prompt where the content filter says so', () => {
  expect(judge(403, error('content_policy_violation', 'no'))).toEqual({ kind: 'rejected', status: 403 });
});

const TOKENS =
  'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2023-05-15 have exceeded ' +
  'token rate limit of your current OpenAI S0 pricing tier. Please retry after 55 seconds. Please go here: …';

test.each<[string, Headers, string | undefined, number | undefined]>([
  ['is what the header says', { 'retry-after': '20' }, undefined, 20_000],
  ['is what the header says rather than the message', { 'retry-after': '20' }, error('429', TOKENS), 20_000],
  ['is what the header says even if 0', { 'retry-after': '0' }, error('429', TOKENS), 0],
  ['is the reset of the spent limit', { 'x-ratelimit-reset-tokens': '55' }, undefined, 55_000],
  [
    'is what the header says rather than the reset',
    { 'retry-after': '20', 'x-ratelimit-reset-tokens': '55' },
    undefined,
    20_000,
  ],
  ['is 0 rather than the reset', { 'retry-after': '0', 'x-ratelimit-reset-tokens': '55' }, undefined, 0],
  [
    'is the milliseconds rather than the reset',
    { 'retry-after-ms': '250', 'x-ratelimit-reset-requests': '4' },
    undefined,
    250,
  ],
  [
    'is the reset when the header is unreadable',
    { 'retry-after': 'soon', 'x-ratelimit-reset-requests': '4' },
    undefined,
    4000,
  ],
  [
    'is the reset when the header is a date without Date',
    { 'retry-after': 'Tue, 15 Nov 1994 08:12:31 GMT', 'x-ratelimit-reset-requests': '4' },
    undefined,
    4000,
  ],
  ['is the reset rather than the message', { 'x-ratelimit-reset-requests': '4' }, error('429', TOKENS), 4000],
  [
    'is in the message when nobody knows the reset',
    { 'x-ratelimit-reset-tokens': '0' },
    error('429', TOKENS),
    55_000,
  ],
  [
    'is not the reset of a limit that has something left',
    {
      'x-ratelimit-reset-tokens': '55',
      'x-ratelimit-remaining-tokens': '9',
    },
    undefined,
    undefined,
  ],
  ['is in the long message', {}, error('429', TOKENS), 55_000],
  [
    'is in the short message, byte for byte',
    {},
    '{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 4 seconds."}}',
    4000,
  ],
  ['is a day', {}, error('429', 'Please retry after 86400 seconds.'), 86_400_000],
  ['is one second', {}, error('429', 'Try again in 1 second.'), 1000],
  ['is in the message when the header is unreadable', { 'retry-after': 'soon' }, TOKENS, 55_000],
  ['is not in a message about something else', {}, error('429', 'Retry later'), undefined],
  ['is in minutes', {}, error('429', 'Please retry after 5 minutes'), 300_000],
  ['is in milliseconds in words', {}, error('429', 'Please try again in 450 milliseconds.'), 450],
  ['is a wait', {}, error('429', 'Please wait 20 seconds and try again.'), 20_000],
  ['is a retry', {}, error('429', 'Please retry in 28.5s.'), 28_500],
  ['is not in days', {}, error('429', 'Please retry after 5 days'), undefined],
  ['is in a short unit', {}, error('429', 'Please try again in 20s. Visit https://…'), 20_000],
  ['is in a fraction', {}, error('429', 'Please try again in 6.5 seconds.'), 6500],
  ['is in milliseconds', {}, error('429', 'Please try again in 6ms.'), 6],
  ['is in several units', {}, error('429', 'Please try again in 1m12.5s.'), 72_500],
  ['is not in another unit', {}, error('429', 'Please retry after 5months.'), undefined],
  ['is not negative', {}, error('429', 'Please retry after -5 seconds'), undefined],
  ['is not absurd', {}, error('429', `Try again in ${'9'.repeat(400)} seconds`), undefined],
  ['is not in an empty body', {}, '', undefined],
  ['is not in a body that was not read', {}, undefined, undefined],
])('when to come back: %s', (_, headers, bodyText, retryAfterMs) => {
  expect(judge(429, bodyText, headers)).toEqual({ kind: 'throttled', status: 429, retryAfterMs });
});

test.each([408, 424, 500, 502, 503, 504])(
  'when to come back is told by a %d with Retry-After too',
  (status) => {
    expect(judge(status, undefined, { 'retry-after': '3' })).toMatchObject({ retryAfterMs: 3000 });
  },
);

test.each<[number, string | undefined]>([
  ...[408, 424, 500, 502, 503, 504].map((status): [number, undefined] => [status, undefined]),
  [400, error('DeploymentNotFound')],
  [404, error('DeploymentNotFound')],
])(
  'when to come back is not told by a %d with the reset of a limit, nor by its message',
  (status, bodyText) => {
    // Azure sends these headers with every answer: when a limit resets says nothing about when a failure ends.
    const headers = {
      'x-ratelimit-reset-requests': '60',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '86400',
      'x-rate-limit-reset-tokens': '86400',
    };
    expect(judge(status, bodyText, headers)).toMatchObject({ kind: 'unavailable', retryAfterMs: undefined });
    expect(judge(status, (bodyText ?? '') + TOKENS, headers)).toMatchObject({ retryAfterMs: undefined });
    expect(judge(status, bodyText, { ...headers, 'retry-after': '3' })).toMatchObject({ retryAfterMs: 3000 });
  },
);

test('when to come back is told by a missing deployment with Retry-After too', () => {
  expect(judge(404, error('DeploymentNotFound'), { 'retry-after': '3' })).toMatchObject({
    retryAfterMs: 3000,
  });
});

test('the start of the body is needed for what another backend may do better, and for a 429 that says nothing in its headers', () => {
  const needed = range(200, 599).filter((status) => whatToRead(status, headerLookup({})) === 'body');
  expect(needed).toEqual([
    400,
    401,
    ...range(403, 406),
    ...range(409, 413),
    ...range(415, 417),
    422,
    424,
    426,
    428,
    429,
    431,
  ]);
});

test.each<[number, Headers, boolean]>([
  [429, { 'retry-after': '20' }, false],
  [429, { 'retry-after': '0' }, false],
  [429, { 'retry-after-ms': '5' }, false],
  [429, { 'x-ratelimit-reset-requests': '4' }, false],
  [429, { 'retry-after': 'soon' }, true],
  [429, { 'x-ratelimit-reset-tokens': '0' }, true],
  [429, { 'x-ratelimit-reset-tokens': '0', 'x-rate-limit-reset-tokens': '5' }, false],
  [429, { 'x-ratelimit-reset-tokens': '5', 'x-ratelimit-remaining-tokens': '9' }, true],
  [429, { 'retry-after': '1'.repeat(65) }, true],
  [400, { 'retry-after': '20' }, true],
  [404, { 'retry-after': '20' }, true],
])('the start of the body is needed or not, for a %d with %j: %s', (status, headers, expected) => {
  expect(whatToRead(status, headerLookup(headers))).toBe(expected ? 'body' : 'nothing');
});

test('the start of the body is needed only for a 400 and a 404 when the time is over', () => {
  const stream = headerLookup({ 'content-type': 'text/event-stream' });
  const needed = range(200, 599).filter((status) => whatToRead(status, stream, true) !== 'nothing');
  expect(needed).toEqual([400, 404]);
  for (const status of needed) expect(whatToRead(status, stream, true)).toBe('body');
});

test('the start of the body is needed wherever it could change the outcome', () => {
  const bodyText = fc.oneof(
    fc.string(),
    fc.constantFrom(error('DeploymentNotFound'), CONTENT_FILTER, error('429', 'Try again in 4 seconds.')),
  );
  const headers = fc.constantFrom<Headers>(
    {},
    { 'retry-after': '1' },
    { 'retry-after': 'soon' },
    { 'x-ratelimit-reset-tokens': '4' },
    { 'x-ratelimit-reset-tokens': '0' },
  );
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), headers, bodyText, (status, some, text) => {
      // The operation determines what a successful answer must contain.
      if (status < 400 || whatToRead(status, headerLookup(some)) === 'body') return;
      expect(judge(status, text, some)).toEqual(judge(status, undefined, some));
    }),
  );
});

const FAILURES: Record<TransportFailure, true> = {
  refused: true,
  reset: true,
  dns: true,
  tls: true,
  'connect-timeout': true,
  'header-timeout': true,
  malformed: true,
  credential: true,
  'no-descriptors': true,
};

test.each(Object.keys(FAILURES) as TransportFailure[])(
  'an attempt without a response that failed by %s is unreachable',
  (failure) => {
    for (const wasSent of [true, false]) {
      expect(judgeOutcome({ kind: 'failed', failure, wasSent })).toEqual({
        kind: 'unreachable',
        failure,
        wasSent,
      });
    }
  },
);

test('an attempt without a response because the client went away is aborted', () => {
  expect(judgeOutcome({ kind: 'aborted' })).toEqual({ kind: 'aborted' });
});

const openedBy = (data: unknown, name = '') =>
  judgeOutcome({
    ...makeAnswer(200),
    opening: { kind: 'event', event: { name, data: JSON.stringify(data) } },
  });
const openedByError = (fields: object) => openedBy({ error: { message: 'It broke.', ...fields } });

const response = (error: object | null, output: object[] = []) =>
  JSON.stringify({ id: 'resp_1', object: 'response', status: 'failed', error, output });

const failedBy = (code: string) =>
  openedBy({ type: 'response.failed', response: { error: { code, message: '' } } }, 'response.failed');

const status = 200;

test('a stream of status 200 that begins with content, or could not be waited for, succeeds', () => {
  expect(openedBy({ choices: [{ delta: { content: 'Hi' } }] })).toEqual({ kind: 'succeeded', status });
  expect(judge(200)).toEqual({ kind: 'succeeded', status });
});

test('a stream of status 200 that ends before it says anything is the backend’s fault', () => {
  const answer = { ...makeAnswer(200), opening: { kind: 'cut-short' } as const };
  expect(judgeOutcome(answer)).toEqual({ ...unavailable('server-error'), status });
});

test.each([
  { type: 'server_error' },
  { code: 'internal_error' },
  { code: '500', message: '' },
  { code: null, type: null },
  { message: 'The model is currently overloaded with other requests.' },
])('a stream of status 200 that begins with the error %j is the backend’s fault', (fields) => {
  expect(openedByError(fields)).toEqual({ ...unavailable('nothing-made'), status });
});

test.each<[object, number | undefined]>([
  [{ code: '429' }, undefined],
  [{ code: 429 }, undefined],
  [{ status: 429 }, undefined],
  [{ type: 'too_many_requests' }, undefined],
  [{ code: 'rate_limit_exceeded' }, undefined],
  [{ code: 'RateLimitReached' }, undefined],
  [{ message: 'Rate limit is exceeded. Try again in 4 seconds.' }, 4000],
  [{ message: 'You have exceeded the token rate limit. Please retry after 20 seconds.' }, 20_000],
  [{ message: 'Too Many Requests' }, undefined],
])('a stream of status 200 that begins with the error %j is throttled', (fields, retryAfterMs) => {
  expect(openedByError(fields)).toEqual({ kind: 'throttled', status, retryAfterMs });
});

test.each([
  { type: 'invalid_request_error', code: null },
  { type: 'invalid_request_error', code: 'context_length_exceeded' },
  { code: 'content_filter', status: 400 },
  { code: 'invalid_prompt' },
  { type: 'invalid_request_error', message: 'rate limit is not a field.' },
])('a stream of status 200 that begins with the error %j is the request’s fault', (fields) => {
  expect(openedByError(fields)).toEqual({ kind: 'rejected', status });
});

const declined = (cause: DeclineCause) => ({ kind: 'declined', cause });

const OF_THE_BACKEND: readonly [object, object][] = [
  [{ code: 'DeploymentNotFound' }, unavailable('deployment-missing')],
  [{ code: 'model_not_found' }, unavailable('deployment-missing')],
  [{ code: null, message: 'The model `gpt-4o` does not exist' }, unavailable('deployment-missing')],
  [{ code: null, message: 'This model is not available in this region.' }, declined('unsupported')],
  [
    { code: '400', message: 'The chatCompletion operation does not work with the specified model, x.' },
    declined('unsupported'),
  ],
  [{ code: 'invalid_api_key', message: 'Incorrect API key provided.' }, unavailable('credential-refused')],
  [{ code: '401', message: 'Invalid subscription key.' }, unavailable('credential-refused')],
  [{ code: '403', message: 'Forbidden' }, declined('unexplained')],
  [{ code: 'PermissionDenied', message: 'It lacks the data action.' }, declined('forbidden')],
];

test.each(OF_THE_BACKEND)(
  'an invalid request that a 200 tells of is about the backend, as it would be of a 4xx: %j',
  (fields, expected) => {
    const error = { type: 'invalid_request_error', ...fields };
    expect(openedByError(error)).toEqual({ ...expected, status });
    expect(judge(200, JSON.stringify({ error }))).toEqual({ ...expected, status });
    const event = { name: '', data: JSON.stringify({ type: 'error', error }) };
    const session = judgeOutcome({ ...makeAnswer(101), opening: { kind: 'event', event } });
    expect(session).toEqual({ ...expected, status: 101 });
  },
);

test.each([
  {
    code: null,
    message: 'Invalid token at position 5 of the model, which is not supported.',
    param: 'input',
  },
  { code: null, message: 'The model is not available for it.', param: 'messages' },
  { code: 'content_filter', message: 'The model is not available in this region.' },
  { code: 'invalid_prompt', message: 'The model is not available.' },
  { code: 'previous_response_not_found', message: 'Previous response not found.' },
])('an invalid request that a 200 tells of is the client’s, as it would be of a 4xx: %j', (fields) => {
  expect(openedByError({ type: 'invalid_request_error', ...fields })).toEqual({ kind: 'rejected', status });
});

test('a 401 or 403 of a tool of the client’s own says nothing about the resource’s credential', () => {
  const refusal = error('401', 'MCP server refused the request: the access token is invalid');
  for (const status of [401, 403]) expect(judge(status, refusal)).toEqual({ kind: 'rejected', status });
});

test('a 200 that refuses a key of the client’s own says nothing about the backend', () => {
  const event = { name: '', data: JSON.stringify({ error: { code: 'invalid_api_key' } }) };
  const answer = { ...makeAnswer(200), hasClientKey: true, opening: { kind: 'event', event } } as const;
  expect(judgeOutcome(answer)).toEqual({ kind: 'not-found', status });
});

test.each<[string, string, object]>([
  ['chat/completions', 'Internal Server Error', unavailable('server-error')],
  ['messages', 'Rate limit is exceeded. Try again in 4 seconds.', { kind: 'throttled', retryAfterMs: 4000 }],
  ['chat/completions', '[DONE]', { kind: 'succeeded' }],
  ['chat/completions', '', { kind: 'succeeded' }],
  ['audio/transcriptions', 'Hello.', { kind: 'succeeded' }],
])(
  'a stream of status 200 of %s that begins with the words %j is judged by them',
  (operation, data, expected) => {
    const opening = { kind: 'event', event: { name: '', data } } as const;
    expect(judgeOutcome({ ...makeAnswer(200), operation, opening })).toMatchObject(expected);
  },
);

test('a stream of status 200 whose response failed is judged by the reason', () => {
  expect(failedBy('server_error')).toEqual({ ...unavailable('nothing-made'), status });
  expect(failedBy('rate_limit_exceeded')).toMatchObject({ kind: 'throttled' });
  expect(failedBy('invalid_prompt')).toMatchObject({ kind: 'rejected' });
});

test.each<[string, string | undefined, object]>([
  [
    'fails before it has any output',
    response({ code: 'server_error', message: 'x' }),
    unavailable('nothing-made'),
  ],
  ['fails without a reason', response(null), unavailable('nothing-made')],
  ['is throttled', response({ code: 'rate_limit_exceeded', message: 'x' }), { kind: 'throttled' }],
  ['fails for its prompt', response({ code: 'invalid_prompt', message: 'x' }), { kind: 'rejected' }],
  ['fails with output', response({ code: 'server_error' }, [{ type: 'message' }]), { kind: 'succeeded' }],
  ['is whole', '{"status":"completed","output":[]}', { kind: 'succeeded' }],
  ['quotes a failure', '{"status":"completed","metadata":{"status":"failed"}}', { kind: 'succeeded' }],
  ['was read only in part', response({ code: 'server_error' }).slice(0, -1), { kind: 'succeeded' }],
])('a stream of status 200 that is a response in JSON and %s is judged by that', (_, bodyText, expected) => {
  expect(judge(200, bodyText)).toMatchObject(expected);
});

test('a stream of status 200 needs the body of a response in JSON, unless the time is over, and no other', () => {
  const json = headerLookup({ 'content-type': 'application/json; charset=utf-8' });
  expect(whatToRead(200, json, false, 'responses')).toBe('body');
  expect(whatToRead(200, json, true, 'responses')).toBe('nothing');
});

test('a stream of status 200 may come as plain text or as bytes where nothing else is either', () => {
  for (const type of ['text/plain; charset=utf-8', 'application/octet-stream']) {
    const read = (operation: string) =>
      whatToRead(200, headerLookup({ 'content-type': type }), false, operation);
    expect(['chat/completions', 'responses', 'messages'].map(read)).toEqual(Array(3).fill('first-event'));
    expect(['audio/transcriptions', 'files/f/content'].map(read)).toEqual(Array(2).fill('nothing'));
  }
});

test.each(['chat/completions', 'embeddings', 'images/generations', 'audio/transcriptions', 'messages'])(
  'an answer of status 200 to %s is read as far as an error in JSON would go, or a page, unless the time is over',
  (operation) => {
    const read = (type: string, isTimeOver: boolean) =>
      whatToRead(200, headerLookup({ 'content-type': type }), isTimeOver, operation);
    expect(read('application/json; charset=utf-8', false)).toBe('beginning');
    expect(read('application/json', true)).toBe('nothing');
    expect(read('text/html; charset=utf-8', false)).toBe('body');
    expect(read('audio/mpeg', false)).toBe('nothing');
  },
);

test.each(['files/file_1/content', 'files', 'batches', 'threads/t_1/messages', 'models', undefined])(
  'an answer of status 200 to %s is not read, whatever it is',
  (operation) => {
    for (const type of ['application/json', 'text/html'])
      expect(whatToRead(200, headerLookup({ 'content-type': type }), false, operation)).toBe('nothing');
  },
);

test.each([
  'responses/resp_1',
  'files/file-1',
  'threads/thread_1/messages/msg_1',
  'fine_tuning/jobs/ftjob-1',
])('an answer of status 200 to %s is read as far as tells whether it is an object', (operation) => {
  const read = (type: string, isTimeOver = false) =>
    whatToRead(200, headerLookup({ 'content-type': type }), isTimeOver, operation);
  expect(['application/json', 'text/html', 'text/plain'].map((type) => read(type))).toEqual(
    Array(3).fill('object'),
  );
  expect(read('application/json', true)).toBe('nothing');
  expect(read('text/event-stream')).toBe('first-event');
});

const failed = unavailable('nothing-made');
const succeeded = { kind: 'succeeded' };

test.each<[string, string | undefined, string, object]>([
  ['the object', '{"id":"resp_1","error":null}', 'application/json', succeeded],
  [
    'an object that has failed',
    '{"id":"batch_1","status":"failed","error":{"code":"x"}}',
    'text/json',
    succeeded,
  ],
  ['a step that has failed', '{"status":"failed","error":{"code":"x"}}', 'application/json', succeeded],
  ['more than was read', undefined, 'application/json; charset=utf-8', succeeded],
  ['a page', undefined, 'text/html', unavailable('server-error')],
  ['a text', 'Welcome', 'text/plain', unavailable('server-error')],
  ['an error', '{"error":{"code":"server_error","message":"x"}}', 'application/json', failed],
  ['an error with a status', '{"status":500,"error":"Internal Server Error"}', 'application/json', failed],
  ['a spent quota', '{"error":{"code":"429"}}', 'application/json', { kind: 'throttled' }],
  [
    'an error of the request',
    '{"error":{"type":"invalid_request_error","message":"No such File object"}}',
    'application/json',
    { kind: 'not-found' },
  ],
])(
  'an answer of status 200 to what asks for an object is judged by whether it is one: %s',
  (_, text, type, expected) => {
    const answer = makeAnswer(200, { headers: { 'content-type': type } });
    const outcome = judgeOutcome({ ...answer, bodyText: text, isOfObject: true });
    expect(outcome).toMatchObject({ status: 200, ...expected });
  },
);

test.each<[string, string, object]>([
  ['an error', '{"error":{"message":"It broke.","code":"server_error"}}', failed],
  ['an error beside other fields', '{"id":"","choices":null,"error":{"code":502,"message":"x"}}', failed],
  ['an error that is a text', '{"error" : "upstream timed out"}', failed],
  ['an error of Claude’s', '{"type":"error","error":{"type":"overloaded_error","message":"x"}}', failed],
  ['an error of vLLM’s', '{"object":"error","message":"It broke.","code":500}', failed],
  [
    'a spent quota',
    '{"error":{"code":429,"message":"Please retry after 7 seconds"}}',
    { kind: 'throttled', retryAfterMs: 7000 },
  ],
  ['a prompt at fault', '{"error":{"code":"content_filter","message":"x"}}', { kind: 'rejected' }],
  ['a page', ' <!doctype html><title>Sign in</title>', unavailable('server-error')],
  ['an answer', '{"choices":[{"message":{"content":"{\\"error\\":{}}"}}]}', succeeded],
  ['an answer that names no error', '{"choices":[{}],"error":null}', succeeded],
  ['an answer beside an error', '{"choices":[{}],"error":{"code":"x"}}', succeeded],
  ['vectors', '{"object":"list","data":[{"embedding":[]}],"error":{}}', succeeded],
  ['a text', '{"text":"One.","error":{}}', succeeded],
  ['a half', '{"error":{"message":"It br', succeeded],
  ['an object of no content', '{"id":1}', succeeded],
  ['a count', '{"input_tokens":3}', succeeded],
  ['an error of FastAPI’s', '{"detail":"Internal error"}', failed],
  [
    'a spent quota of API Management’s',
    '{"statusCode":429,"message":"Try again in 4 seconds."}',
    { kind: 'throttled', retryAfterMs: 4000 },
  ],
  ['an error without a key of its own', '{"code":"InternalServerError","message":"x"}', failed],
  ['a problem', '{"type":"about:blank","title":"Bad Gateway","status":502}', failed],
  ['a list of errors', '{"errors":[{"message":"x","code":500}]}', failed],
  ['a list of no errors', '{"errors":[],"id":"x"}', succeeded],
  ['errors beside an answer', '{"data":[{}],"errors":["x"]}', succeeded],
])('an answer of status 200 whose body is %s is judged by that', (_, bodyText, expected) => {
  expect(judge(200, bodyText)).toMatchObject(expected);
});

test.each([
  ['chat/completions', 'Internal Server Error', unavailable('server-error')],
  ['chat/completions', 'null', unavailable('server-error')],
  ['audio/transcriptions', 'Internal Server Error', succeeded],
  [undefined, 'Internal Server Error', succeeded],
])(
  'an answer of status 200 to %s that is only %j is judged by what it should be',
  (operation, bodyText, expected) => {
    expect(judgeOutcome({ ...makeAnswer(200, { bodyText }), operation })).toMatchObject(expected);
  },
);

test('an answer of any 2xx is read where it has a form of its own, and no other', () => {
  const json = headerLookup({ 'content-type': 'application/json' });
  for (const status of [201, 202, 203, 204, 205]) {
    expect(whatToRead(status, json, false, 'chat/completions')).toBe('beginning');
    expect(whatToRead(status, json, true, 'chat/completions')).toBe('nothing');
    expect(whatToRead(status, json, false, 'batches')).toBe('nothing');
  }
  expect(whatToRead(304, json, false, 'chat/completions')).toBe('nothing');
});

test('an answer of status 200 with a spent quota says in its headers when to come back', () => {
  expect(judge(200, '{"error":{"code":429}}', { 'retry-after': '9' })).toMatchObject({ retryAfterMs: 9000 });
});

test.each<[boolean, number, Headers]>([
  [true, 200, { 'content-type': 'text/event-stream' }],
  [true, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'content-encoding': 'identity' }],
  [false, 200, { 'content-type': 'application/json' }],
  [true, 200, {}],
  [true, 200, { 'content-type': 'Text/Event-Stream; charset=utf-8' }],
  [true, 200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }],
  [false, 500, { 'content-type': 'text/event-stream' }],
])(
  'a stream of status 200 needs its first event to be judged: %j for %d with %j',
  (expected, status, headers) => {
    expect(whatToRead(status, headerLookup(headers))).toBe(expected ? 'first-event' : 'nothing');
  },
);

test.each<[number, string, string, boolean]>([
  [401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.', true],
  [401, 'invalid_api_key', 'Incorrect API key provided.', true],
  [401, 'Unauthorized', 'Access token is missing, invalid, audience is incorrect, or have expired.', true],
  [401, '', '', true],
  [401, 'PermissionDenied', 'The principal lacks the required data action to perform the operation.', false],
  [403, 'SubscriptionKeyInvalid', 'Access denied due to invalid subscription key.', true],
  [403, '403', 'Access denied due to Virtual Network/Firewall rules.', false],
  [403, 'AuthenticationTypeDisabled', 'Key based authentication is disabled for this resource.', false],
  [403, '', '', false],
  [404, 'invalid_api_key', 'Incorrect API key provided.', false],
])('a %i %s "%s" may be about a credential that was rotated: %s', (status, code, message, expected) => {
  const bodyText = code === '' ? '' : JSON.stringify({ error: { code, message } });
  expect(isCredentialRefused(makeAnswer(status, { bodyText }))).toBe(expected);
});

test('what begins a stream is parsed once, and a whole response without a word of a failure never', () => {
  const operation = 'responses';
  const parse = vi.spyOn(JSON, 'parse');
  const data = '{"choices":[{"index":0,"delta":{"content":"Hi"}}]}';
  const opening = { kind: 'event', event: { name: '', data } } as const;
  judgeOutcome({ ...makeAnswer(200), operation, opening });
  expect(parse).toHaveBeenCalledTimes(1);
  const bodyText = '{"status":"completed","output":[{"type":"message"}]}';
  judgeOutcome({ ...makeAnswer(200, { bodyText }), operation });
  expect(parse).toHaveBeenCalledTimes(1);
  parse.mockRestore();
});

test.each([
  ['says in words that it cannot', 'all workers are busy'],
  ['begins with an event that was damaged', '{"id":"resp_1","choices":[{"index":\u0010,"delta":{}}]}'],
])('a stream that %s may have made its object, so the request for it is not sent again', (_, data) => {
  const opening = { kind: 'event', event: { name: '', data } } as const;
  const outcome = judgeOutcome({ ...makeAnswer(200), operation: 'responses', opening });
  expect(outcome).toMatchObject({ kind: 'unavailable', cause: 'server-error' });
});
