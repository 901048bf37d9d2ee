import { streams } from '../clients.ts';
import type { FailureRow, RowBackend } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

const MODEL_RESTS = 'gpt-4o at a, cooling, 10 s';
const OPERATION_RESTS = 'POST chat/completions of gpt-4o at a, cooling, 10 s';
const BACKEND_RESTS = 'a as a whole, cooling, 10 s';

const PAGE = moves(
  'HTTP/1.1 413 Too Large\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>',
);
const OUT_OF_QUOTA = says(403, '{"statusCode":403,"message":"Quota will be replenished in 00:00:25."}');
const PAGE_203 = moves(
  'HTTP/1.1 203 Non-Authoritative\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>',
);
const ERROR = '{"error":{"code":"server_error","message":"It broke."}}';
const MISSING =
  '{"error":{"code":"DeploymentNotFound","type":"invalid_request_error","message":"It does not exist."}}';
const ofStream = { client: streams, sees: '200 stream, from b, 2 attempts' } as const;

/** The client's result for every status of a backend. */
export const statuses: readonly FailureRow[] = [
  relayed('200', 'ok', '200 chat.completion'),
  {
    title: 'a answers 200 with a stream',
    backends: ['ok', 'ok'],
    client: streams,
    sees: '200 stream, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  relayed('200 with a body in gzip', 'gzip', '200 chat.completion', ', content-encoding: gzip'),
  relayed('200, and its content filter has stopped the answer', 'block', '200 chat.completion'),
  said200('an error in JSON', 'application/json', ERROR),
  { ...said200('an error in JSON to a request for a stream', 'application/json', ERROR), ...ofStream },
  said200('`DeploymentNotFound` in JSON', 'application/json', MISSING),
  said200('a page of what stands before it', 'text/html', '<html><title>Sign in</title></html>'),
  said200('an empty body', 'application/json', ''),
  said200('an error that is not called JSON', 'text/plain', ERROR),
  said200(
    'an error of what stands before it',
    'application/json',
    '{"statusCode":500,"message":"It broke."}',
  ),
  said200('words where JSON has to be', 'application/json', 'Internal Server Error'),
  said200('nothing but a message', 'application/json', '{"message":"Internal server error"}'),
  said200('an error in a list', 'application/json', '[{"error":{"code":503,"message":"Overloaded."}}]'),
  said200('XML where JSON has to be', 'application/xml', '<?xml version="1.0"?><error/>'),
  relayed('201', 'status(201, body="{}")', '201 JSON'),
  failedOver('203 with a page of what stands before it', PAGE_203, MODEL_RESTS),
  failedOver('204', 'status(204)', MODEL_RESTS),
  failedOver('300', 'status(300)', MODEL_RESTS),
  failedOver('301 again and again', 'redirect(/elsewhere, status=301)', MODEL_RESTS),
  failedOver('302 without a `Location`', 'status(302)', MODEL_RESTS),
  relayed('304', 'status(304)', '304 no body'),
  failedOver('307 again and again', 'redirect(/elsewhere)', MODEL_RESTS),
  relayed('400', 'status(400, code=invalid_prompt)', '400 error invalid_prompt'),
  relayed(
    '400, as the content filter blocks the prompt',
    'status(400, code=content_filter)',
    '400 error content_filter',
  ),
  relayed(
    '400, as the prompt is too long',
    'status(400, code=context_length_exceeded)',
    '400 error context_length_exceeded',
  ),
  failedOver('400 `DeploymentNotFound`, as v1 does', 'status(400, code=DeploymentNotFound)', MODEL_RESTS),
  failedOver('400 `unknown_model`', 'status(400, code=unknown_model)', MODEL_RESTS),
  failedOver(
    '400 with `DeploymentNotFound` among its `details`',
    says(400, '{"error":{"code":"BadRequest","details":[{"code":"DeploymentNotFound"}]}}'),
    MODEL_RESTS,
  ),
  failedOver(
    '400 with a `title` that says that its region cannot',
    says(400, '{"title":"The model is not available in this region"}'),
    OPERATION_RESTS,
    'declined',
  ),
  failedOver('400 without a body', says(400, ''), OPERATION_RESTS, 'declined'),
  failedOver(
    '400 in words that are nobody’s API',
    says(400, 'Client sent an HTTP request to an HTTPS server.'),
    OPERATION_RESTS,
    'declined',
  ),
  failedOver(
    '400 that is called `RateLimitReached`',
    says(400, '{"error":{"code":"RateLimitReached","message":"Please retry after 9 seconds."}}'),
    'gpt-4o at a, throttled, 9 s',
    'throttled',
  ),
  failedOver(
    '400 that is called `InternalServerError`',
    'status(400, code=InternalServerError)',
    OPERATION_RESTS,
    'declined',
  ),
  failedOver(
    '400, as its owner has not paid',
    'status(400, code=insufficient_quota)',
    OPERATION_RESTS,
    'declined',
  ),
  failedOver('401', 'status(401)', BACKEND_RESTS),
  failedOver(
    '401, as its identity lacks the role',
    'status(401, code=PermissionDenied)',
    OPERATION_RESTS,
    'declined',
  ),
  failedOver('402', 'status(402)', OPERATION_RESTS, 'declined'),
  failedOver('403, as of its firewall', 'status(403)', BACKEND_RESTS),
  failedOver(
    '403, as a quota of API Management is spent',
    OUT_OF_QUOTA,
    'gpt-4o at a, throttled, 25 s',
    'throttled',
  ),
  failedOver('404 for a path', 'status(404, code=404)', OPERATION_RESTS, 'declined'),
  failedOver(
    '404 for a model, in words that are not Azure’s',
    says(404, '{"error":{"message":"gpt-4o? Never heard of it."}}'),
    OPERATION_RESTS,
    'declined',
  ),
  failedOver('404 `DeploymentNotFound`', 'status(404, code=DeploymentNotFound)', MODEL_RESTS),
  relayed('405', 'status(405)', '405 error 405'),
  failedOver('405 without a body', says(405, ''), OPERATION_RESTS, 'declined'),
  failedOver('407', 'status(407)', BACKEND_RESTS),
  failedOver('408', 'status(408)', MODEL_RESTS),
  relayed('409', 'status(409)', '409 error 409'),
  failedOver(
    '409 `DeploymentNotReady`',
    says(409, '{"error":{"code":"DeploymentNotReady"}}'),
    OPERATION_RESTS,
    'declined',
  ),
  relayed('413', 'status(413)', '413 error 413'),
  failedOver('413 in HTML, as of a proxy', PAGE, OPERATION_RESTS, 'declined'),
  failedOver('413 in words, as of a proxy', says(413, 'Too large'), OPERATION_RESTS, 'declined'),
  relayed('415', 'status(415)', '415 error 415'),
  relayed('422', 'status(422)', '422 error 422'),
  failedOver('422 `unknown_model`', says(422, '{"error":{"code":"unknown_model"}}'), MODEL_RESTS),
  failedOver('410', 'status(410)', OPERATION_RESTS, 'declined'),
  failedOver('421', 'status(421)', OPERATION_RESTS, 'declined'),
  failedOver('423', 'status(423)', OPERATION_RESTS, 'declined'),
  failedOver('424', 'status(424)', MODEL_RESTS),
  failedOver('429', 'throttle(30)', 'gpt-4o at a, throttled, 30 s', 'throttled'),
  relayed('431', 'status(431)', '431 error 431'),
  failedOver('451', 'status(451)', OPERATION_RESTS, 'declined'),
  failedOver('494, which the API has not', 'status(494)', OPERATION_RESTS, 'declined'),
  failedOver('499', 'status(499)', MODEL_RESTS),
  failedOver('500', 'status(500)', MODEL_RESTS),
  failedOver('501', 'status(501)', MODEL_RESTS),
  failedOver('502 in HTML', 'status(502)', MODEL_RESTS),
  failedOver('503', 'status(503)', MODEL_RESTS),
  failedOver(
    '503 with `Retry-After: 30`',
    'status(503, header.retry-after=30)',
    'gpt-4o at a, cooling, 30 s',
  ),
  failedOver('504', 'status(504)', MODEL_RESTS),
  failedOver('529', 'status(529)', MODEL_RESTS),
];

/** Returns the script of a status with a body. */
function says(status: number, body: string): string {
  return `status(${status}, body=${JSON.stringify(body)})`;
}

/** Returns the row of an answer that is meant for the client: it is passed on, and causes no cooldown. */
function relayed(what: string, script: string, sees: string, headers = ''): FailureRow {
  const status = Number(sees.slice(0, 3));
  const outcome = status < 400 ? 'succeeded' : 'rejected';
  return {
    title: `a answers ${what}`,
    backends: [script, 'ok'],
    sees: `${sees}, from a, 1 attempt${headers}`,
    cooldowns: 'nobody',
    logged: `${status} complete, a ${outcome} (${status})`,
  };
}

/** Returns the row of an answer that the client never sees. */
function failedOver(
  what: string,
  script: RowBackend,
  cooldowns: string,
  outcome = 'unavailable',
): FailureRow {
  return {
    title: `a answers ${what}`,
    backends: [script, 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns,
    logged: `200 complete, a ${outcome} (${what.slice(0, 3)}), b succeeded (200)`,
  };
}

/** Returns the row of a 200 that is no answer. */
function said200(what: string, type: string, body: string): FailureRow {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return {
    title: `a answers 200 with ${what}`,
    backends: [moves(head + body), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: MODEL_RESTS,
    logged: '200 complete, a unavailable (200), b succeeded (200)',
  };
}
