import type { BodyEdit } from '../body/body-edit.ts';
import { editBody } from '../body/body-edit.ts';
import type { ByteRange } from '../body/byte-range.ts';
import { parseJson } from '../body/parse-json.ts';
import { isWritten, type Member, type ObjectMembers, readMembers } from '../body/read-members.ts';
import { USUAL_OUTPUT_TOKENS } from '../prompt/read-prompt.ts';
import { RequestContent } from '../route/request-content.ts';
import { hasNewFields } from './api-version.ts';
import { mayAskForResponse } from './asks-for-response.ts';
import { fallbackEdits } from './cap-fallbacks.ts';
import { CHOICES, choicesOf } from './choices-of.ts';
import {
  type Asked,
  editableBody,
  type EditableRequest,
  type EditableRoute,
  editRequest,
} from './edit-request.ts';
import { isWithin } from './is-within.ts';
import { checkThinking } from './thinking-budget.ts';

/** The fields that limit an operation's output. */
const LIMITS: Readonly<Record<string, readonly string[]>> = {
  'chat/completions': ['max_completion_tokens', 'max_tokens'],
  'extensions/chat/completions': ['max_tokens'],
  completions: ['max_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
};
const NUMBERS = ['n', 'best_of'];
const LISTED = [...Object.values(LIMITS).flat(), ...CHOICES];
const WANTED: ReadonlySet<string> = new Set([...LISTED, 'type', 'model', 'thinking', 'fallbacks']);

type CappedRequest = EditableRequest & { readonly session?: unknown };
type CappedRoute = EditableRoute & {
  readonly operation: string;
  readonly path: string;
  readonly content: RequestContent | undefined;
};

interface CappingParts {
  readonly editMessage?: (message: Buffer) => Buffer;
  readonly addedLimit?: ByteRange | undefined;
}

/** A request whose output is limited. */
export interface Capped<R, T> extends Asked<R & CappingParts, T> {
  /**
   * Whether it is: not where its limit cannot be read, because the body is an upload, packed in an unknown way, broken,
   * or has the limit more than once. The request is unchanged then.
   */
  readonly isCapped: boolean;
}

/**
 * Limits the output of a request, and of the further messages of a session, where its operation has such a limit.
 *
 * @param maxTokens the limit on all its choices together
 * @throws GatewayError `bad-request` where it would not be valid any more
 */
export function capOutput<R extends CappedRequest, T extends CappedRoute>(
  request: R,
  route: T,
  maxTokens: number,
): Capped<R, T> {
  const { operation } = route;
  if (!Object.hasOwn(LIMITS, operation) || request.body === undefined)
    return { request, route, isCapped: true };
  const body = editableBody(request);
  const edits = body && capEdits(body, route, maxTokens);
  if (edits === undefined) return { request, route, isCapped: false };
  const edited = editRequest({ request, route }, edits);
  const isSession = request.session !== undefined;
  return {
    isCapped: true,
    request: isSession
      ? { ...edited.request, editMessage: (message) => capMessage(message, route, maxTokens) }
      : { ...edited.request, addedLimit: addedLimit(edits, operation) },
    route:
      edits.length === 0
        ? route
        : { ...edited.route, content: new RequestContent(operation, edited.request.body as Buffer) },
  };
}

/** Returns the position of the name of a chat completion's limit, if it has been added: such an edit is the only one. */
function addedLimit([edit]: readonly BodyEdit[], operation: string): ByteRange | undefined {
  if (operation !== 'chat/completions' || edit === undefined || edit.start !== edit.end) return undefined;
  const { start, text } = edit;
  return { start: start + text.indexOf('"') + 1, end: start + text.lastIndexOf('"') };
}

/** Returns whether a body has to be edited so that its output is limited, or cannot be read. */
export function exceedsCap(body: Buffer, operation: string, maxTokens: number): boolean {
  if (!Object.hasOwn(LIMITS, operation)) return false;
  const edits = capEdits(body, { operation, path: '' }, maxTokens);
  return edits === undefined || edits.length > 0;
}

/** A message with a model is limited whatever its type: one that requests nothing has no model. */
function capMessage(message: Buffer, route: CappedRoute, maxTokens: number): Buffer {
  const members = readMembers(message, WANTED);
  if (members === undefined) return message;
  if (!members.byKey.has('model') && !mayAskForResponse(message, members)) return message;
  const edits = capEdits(message, route, maxTokens);
  if (edits !== undefined) return editBody(message, edits);
  // Parsing a duplicate limit keeps only one, so that all readers see the same.
  const once = parseJson(message.toString());
  return once === undefined ? message : capMessage(Buffer.from(JSON.stringify(once)), route, maxTokens);
}

/**
 * Returns the edits of a body: numbers that are too large are lowered, limits that are no valid number are replaced, and
 * where nothing limits the output the right field is added. Undefined if the body cannot be read.
 *
 * @throws GatewayError `bad-request` where it would not be valid any more
 */
function capEdits(
  body: Buffer,
  { operation, path }: Pick<CappedRoute, 'operation' | 'path'>,
  maxTokens: number,
): BodyEdit[] | undefined {
  const members = readMembers(body, WANTED);
  if (members === undefined) return undefined;
  const edits = ownEdits(body, members, { operation, path }, maxTokens);
  if (edits === undefined || operation !== 'messages') return edits;
  const further = fallbackEdits(body, members, maxTokens);
  return further && [...edits, ...further];
}

/** Returns the edits for the answer of the request's own model. */
function ownEdits(
  body: Buffer,
  members: ObjectMembers,
  { operation, path }: Pick<CappedRoute, 'operation' | 'path'>,
  maxTokens: number,
): BodyEdit[] | undefined {
  const fields = LIMITS[operation] ?? [];
  if ([...fields, ...CHOICES].some((key) => members.repeated.has(key))) return undefined;
  if (operation.endsWith('completions') && NUMBERS.some((key) => !isCount(body, members.byKey.get(key))))
    return undefined;
  const limits = fields.map((key) => members.byKey.get(key)).filter((one) => one !== undefined);
  const most = Math.max(1, Math.floor(maxTokens / choicesOf(body, members, operation)));
  const real = limits.filter((limit) => !isWritten(body, limit, 'null'));
  if (real.length > 0) {
    const tooLarge = real.filter((limit) => !isWithin(body, limit, most));
    if (operation === 'messages' && tooLarge.length > 0) checkThinking(body, members, most);
    return tooLarge.map(({ range }) => ({ ...range, text: String(most) }));
  }
  if (isShortUnlimited(operation, most)) return [];
  const [empty] = limits;
  if (empty !== undefined) return [{ ...empty.range, text: String(most) }];
  const field = operation === 'chat/completions' ? chatField(path) : fields[0];
  const comma = members.isEmpty ? '' : ',';
  return [{ start: members.end, end: members.end, text: `${comma}"${field}":${most}` }];
}

/** Claude's API refuses a request without a limit. A completion without one is short, and must not become longer. */
function isShortUnlimited(operation: string, most: number): boolean {
  return operation === 'messages' || (operation === 'completions' && most >= USUAL_OUTPUT_TOKENS);
}

function chatField(path: string): string {
  return hasNewFields(path) ? 'max_completion_tokens' : 'max_tokens';
}

/** Servers differ in how they read a number of answers that is no number, as they do for a limit. */
function isCount(body: Buffer, member: Member | undefined): boolean {
  return member === undefined || member.kind === 'number' || isWritten(body, member, 'null');
}
