import { GatewayError } from '../errors.ts';

/**
 * Parts that hardly any path or query has: dots, escapes, doubled or trailing slashes, capitals or a credential. One
 * test spares all other requests the rest.
 */
const UNUSUAL =
  /\/(?:v1\/(?:v1|openai)|openai\/openai)\/|\/[./]|\/(?:\?|$)|[%\\A-Z]|(?:key|code|token|secret|passw(?:or)?d|pwd|jwt|auth|authorization|bearer|credentials?)=/;

/**
 * Returns a path and query in the form that Azure's front end reads: without doubled and trailing slashes, with its
 * fixed segments in lower case, and without the client's credential.
 *
 * @throws GatewayError `bad-request` for a path that stands for another one
 */
export function cleanPath(url: string): string {
  if (!UNUSUAL.test(url)) return url;
  const question = url.indexOf('?');
  const path = withoutQuery(url);
  if (DOT_SEGMENT.test(path)) {
    throw new GatewayError('bad-request', 'The path must not have "." or ".." segments.');
  }
  return (
    cleanSegments(path).replace(DOUBLED_PREFIX, '/') +
    (question === -1 ? '' : withoutCredentials(url.slice(question)))
  );
}

/** From a base URL with the API's own path, to which the client has added its own. */
const DOUBLED_PREFIX =
  /^(?:\/openai\/v1|\/openai|\/v1)\/(?=openai\/)|^(?:\/openai)?\/v1\/(?=v1\/)|(?<=^\/anthropic)\/v1\/(?=v1\/)/;

/** Returns the path before a query. */
export function withoutQuery(url: string): string {
  const question = url.indexOf('?');
  return question === -1 ? url : url.slice(0, question);
}

/** Returns the query of a path, with its question mark; empty if there is none. */
export function searchOf(url: string): string {
  return url.slice(withoutQuery(url).length);
}

/** A path that stands for another one must not get past the routing, in any encoding. */
const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;

/** User-defined names come after these. */
const BEFORE_NAMES: ReadonlySet<string> = new Set(
  'agents applications connections datasets deployments evaluators indexes memory_stores projects schedules'.split(
    ' ',
  ),
);

/** Words of the API after its first; a segment that is none of them in any case is an id or a name. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'alpha audio batches calls cancel characters chat checkpoints client_secrets compact complete completions content ' +
    'count_tokens edits embeddings events extensions file_batches files generations graders images info input_items ' +
    'input_tokens items jobs messages output_items parts pause permissions realtime remix resume run runs search sessions ' +
    'speech steps submit_tool_outputs transcription_sessions transcriptions translations validate variations versions ' +
    'video voice_consents voices'
  ).split(' '),
);

/** Returns whether a segment of a cleaned path is a word of the API: it is a name only where names come. */
export function isApiWord(segment: string): boolean {
  return WORDS.has(segment);
}

/** Possible prefixes of the first word of an operation. */
const PREFIX = /^(?:\/api(?:\/projects(?:\/[^/]+)?)?)?(?:\/(?:openai|anthropic|mai|voice-live))?(?:\/v1)?$/;

/** Slashes doubled inside the operation stay: the backend gets them as the client wrote them. */
function cleanSegments(path: string): string {
  let cleaned = '';
  let last = '';
  let isPrefix = true;
  for (const [, slashes = '', segment = ''] of path.matchAll(/(\/+)([^/]*)/g)) {
    if (segment === '') continue;
    const lower = plainly(segment).toLowerCase();
    // Behind what is no prefix there is none, so that a long path is not looked through for each of its segments.
    isPrefix &&= PREFIX.test(cleaned);
    const isName = BEFORE_NAMES.has(last);
    last = !isName && (isPrefix || WORDS.has(lower)) ? lower : segment;
    cleaned += (isPrefix || isName ? '/' : slashes) + last;
  }
  return cleaned === '' ? '/' : cleaned;
}

/** An escaped letter is the letter itself (RFC 3986 §6.2.2.2). */
function plainly(segment: string): string {
  if (!segment.includes('%')) return segment;
  return segment.replaceAll(/%(?:2d|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}

/** Azure and front ends accept a key in the query too. The client's is for the gateway, like that in its headers. */
const CREDENTIAL =
  /^(?:(?:x[-_])?(?:api|app|user|client|access|subscription|ocp-apim-subscription|functions)[-_]?key|key|code|(?:access|api|auth|bearer|id)?[-_]?token|(?:client[-_]?)?secret|passw(?:or)?d|pwd|jwt|auth|authorization|bearer|credentials?)$/i;

function withoutCredentials(query: string): string {
  const pairs = query.slice(1).split('&');
  const kept = pairs.filter((pair) => !isCredential(pair));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** Decoded as the backend would: a name may be percent-encoded too. */
function isCredential(pair: string): boolean {
  const [name = ''] = new URLSearchParams(pair).keys();
  return CREDENTIAL.test(name);
}
