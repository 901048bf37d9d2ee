import type { BodyEdit } from '../body/body-edit.ts';
import { GatewayError } from '../errors.ts';
import { hasNewFields } from './api-version.ts';
import { isWritten, type Member, type ObjectMembers, readMembers } from '../body/read-members.ts';

const WANTED: ReadonlySet<string> = new Set(['stream', 'stream_options', 'data_sources', 'dataSources']);
const OPTION: ReadonlySet<string> = new Set(['include_usage']);
const OPTIONS = '{"include_usage":true}';

/** Azure's chat about one's own data rejects `stream_options`. */
const OWN_DATA = ['data_sources', 'dataSources'];

/**
 * Returns whether streams of an operation can be asked for their usage: in the v1 API, and in the classic one since
 * 2024-09-01.
 */
export function canIncludeUsage(operation: string, path: string): boolean {
  if (operation !== 'chat/completions' && operation !== 'completions') return false;
  return hasNewFields(path);
}

/**
 * Returns the edits of a request's body that make its stream report its usage; none if it does so anyway, asks for no
 * stream, or has a value that is the backend's to refuse.
 *
 * @throws GatewayError `bad-request` where `stream` occurs twice: otherwise its client could choose whether it is
 * metered
 */
export function includeUsage(body: Buffer): BodyEdit[] {
  const members = readMembers(body, WANTED);
  if (members === undefined || !asksForStream(body, members)) return [];
  const options = members.byKey.get('stream_options');
  if (options === undefined)
    return [{ start: members.end, end: members.end, text: `,"stream_options":${OPTIONS}` }];
  if (isWritten(body, options, 'null')) return [{ ...options.range, text: OPTIONS }];
  return options.kind === 'object' ? editOptions(body, options) : [];
}

function asksForStream(body: Buffer, { byKey, repeated }: ObjectMembers): boolean {
  if (repeated.size > 0) throw ambiguous();
  if (OWN_DATA.some((key) => byKey.has(key))) return false;
  const stream = byKey.get('stream');
  return stream !== undefined && isWritten(body, stream, 'true');
}

function editOptions(body: Buffer, { range }: Member): BodyEdit[] {
  const options = readMembers(body, OPTION, range.start);
  if (options === undefined) return [];
  if (options.repeated.size > 0) throw ambiguous();
  const option = options.byKey.get('include_usage');
  const start = range.start + 1;
  if (option === undefined)
    return [{ start, end: start, text: `"include_usage":true${options.isEmpty ? '' : ','}` }];
  const isOff = isWritten(body, option, 'false') || isWritten(body, option, 'null');
  return isOff ? [{ ...option.range, text: 'true' }] : [];
}

function ambiguous(): GatewayError {
  return new GatewayError(
    'bad-request',
    'The body says more than once whether, or how, it asks for a stream.',
  );
}
