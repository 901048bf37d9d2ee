import { findFormFields } from '../body/form-field.ts';
import { isUnclear, readMembers, valueOf } from '../body/read-members.ts';
import { allReferences } from '../route/all-references.ts';
import { readOperation } from '../route/read-path.ts';
import { namesDeployment } from '../route/operations.ts';
import { mayRefer } from '../route/reference-words.ts';
import type { Reference } from '../route/stored-objects.ts';
import { batchRefused } from '../usage/batch-problem.ts';
import { saysForBatches } from '../usage/batch-upload.ts';

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
const LINE: ReadonlySet<string> = new Set(['url', 'body']);

/** Checked at a time, so that other requests get their turn. */
const TURN_BYTES = 262_144;

/**
 * Returns the stored objects that the lines of a batch file refer to, in several turns: each line is a request of its
 * own, which appears in no later request. Returns none for any other file.
 *
 * @throws GatewayError `bad-request` for a line that cannot be read
 */
export function* batchReferences(form: Buffer, contentType: string): Generator<Reference[], void> {
  const file = batchIn(form, contentType);
  let found: Reference[] = [];
  let turnAt = TURN_BYTES;
  let number = 0;
  for (let at = 0; at < file.length;) {
    const newline = file.indexOf(NEWLINE, at);
    const end = newline === -1 ? file.length : newline;
    for (const reference of referencesOf(file.subarray(at, end), ++number)) found.push(reference);
    at = end + 1;
    if (at < turnAt) continue;
    yield found;
    found = [];
    turnAt = at + TURN_BYTES;
  }
  yield found;
}

/** Returns the batch file in a form that all read alike; of several purposes, one that says so is enough. */
function batchIn(form: Buffer, contentType: string): Buffer {
  if (saysForBatches(form, contentType) !== true) return NOTHING;
  const files = findFormFields(form, contentType, 'file').map(({ start, end }) => form.subarray(start, end));
  const [file = NOTHING] = files;
  return files.length > 1 ? Buffer.concat(files) : file;
}

function referencesOf(line: Buffer, number: number): Reference[] {
  if (line.toString('latin1').trim() === '') return [];
  const members = readMembers(line, LINE);
  const body = members?.byKey.get('body');
  if (members !== undefined && isUnclear(members))
    throw batchRefused({ line: number, kind: 'several-models' });
  if (members === undefined || body?.kind !== 'object')
    throw batchRefused({ line: number, kind: 'not-json' });
  const content = line.subarray(body.range.start, body.range.end);
  const operation = operationAt(valueOf(line, members.byKey.get('url')));
  return mayRefer(operation, content) ? allReferences(operation, content) : [];
}

/** Operations that are not asked of a model are treated as unknown ones. */
function operationAt(url: unknown): string {
  if (typeof url !== 'string') return '';
  const { operation = '' } = readOperation('POST', url.startsWith('/') ? url : `/${url}`) ?? {};
  return namesDeployment(operation) ? operation : '';
}
