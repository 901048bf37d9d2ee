import { findFormFields, isForm } from '../body/form-field.ts';
import { isPlainForm } from '../body/plain-form.ts';
import type { Client } from '../client/client.ts';
import { GatewayError } from '../errors.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import type { BatchDemand } from '../usage/batch-lines.ts';
import { readBatchUpload } from '../usage/batch-upload.ts';
import { batchRefused } from './batch-problem.ts';

type Request = Pick<AcceptedRequest<unknown>, 'method' | 'contentType' | 'body' | 'unpacked' | 'upload'>;

/**
 * Reads the demand of a batch file that a restricted client sends: its lines name deployments, use tokens and allow
 * answers of some length, none of which appears in any later request.
 *
 * @throws GatewayError when a line asks for something the client may not use, or is unclear
 */
export function readBatchFile(
  client: Client,
  request: Request,
  { operation }: { readonly operation: string },
): BatchDemand | undefined {
  const { deployments, budgets, maxOutputTokens } = client;
  const isRestricted = deployments !== undefined || budgets !== undefined || maxOutputTokens !== undefined;
  if (request.method !== 'POST' || !isRestricted) return undefined;
  if (/^uploads(?:\/|$)/.test(operation)) throw unreadable('A file that is sent in parts');
  if (/^files(?:\/|\\|%2f|%5c)import/i.test(operation)) throw unreadable('A file that a backend fetches');
  if (operation === 'batches' && namesBlob(request)) throw unreadable('A file that is kept elsewhere');
  if (operation !== 'files') return undefined;
  const { contentType } = request;
  if (!isForm(contentType)) throw unreadable('A file that is not sent in a form');
  const demand = readForm(request, contentType, maxOutputTokens);
  if (demand === undefined) return undefined;
  if (demand.problem !== undefined) throw batchRefused(demand.problem, maxOutputTokens);
  for (const model of demand.models)
    if (deployments?.has(model) === false)
      throw new GatewayError('forbidden', 'Access denied: the client may not use a deployment of the batch.');
  if (budgets !== undefined && demand.models.size > 1)
    throw new GatewayError('bad-request', 'All lines of a batch must name the same model.');
  return demand;
}

function readForm(
  { body, unpacked = body, upload }: Request,
  contentType: string,
  maxOutputTokens: number | undefined,
): BatchDemand | undefined {
  if (unpacked === undefined) return undefined;
  if (upload === undefined) {
    if (!isPlainForm(unpacked, contentType)) throw unreadable('A form that can be read in several ways');
    return readBatchUpload(unpacked, contentType, maxOutputTokens);
  }
  const purposes = [...findFormFields(unpacked, contentType, 'purpose')].map(({ start, end }) =>
    unpacked.toString('latin1', start, end).trim(),
  );
  if (purposes.length > 0 && !purposes.includes('batch')) return undefined;
  throw new GatewayError('body-too-large', 'A file for batches of this size cannot be checked.');
}

function namesBlob({ body, unpacked = body }: Request): boolean {
  if (unpacked === undefined) return false;
  try {
    const keys = Object.keys(JSON.parse(unpacked.toString()) as object);
    return keys.some((key) => key.toLowerCase() === 'input_blob');
  } catch {
    return true;
  }
}

function unreadable(what: string): GatewayError {
  return new GatewayError('forbidden', `${what} cannot be checked for what it asks for.`);
}
