import { isForm } from '../body/form-field.ts';
import { isPlainForm } from '../body/plain-form.ts';
import { isUnclear, readMembers, valueOf } from '../body/read-members.ts';
import type { Client } from '../client/client.ts';
import { GatewayError } from '../errors.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import { tooLargeToRead } from '../request/upload.ts';
import type { BatchFiles } from '../usage/batch-files.ts';
import type { BatchDemand } from '../usage/batch-demand.ts';
import { readMessageBatch } from '../usage/message-batch.ts';
import { batchRefused, messageBatchRefused } from '../usage/batch-problem.ts';
import { isForBatches, readBatchUpload, saysForBatches } from '../usage/batch-upload.ts';

type Request = Pick<AcceptedRequest<unknown>, 'method' | 'contentType' | 'body' | 'unpacked' | 'upload'>;

/** The charge for a batch file, or for a batch made from one. */
export interface BatchOrder {
  /** The demand to be charged; undefined for none. */
  readonly demand: BatchDemand | undefined;
  /**
   * Called when the request is over.
   *
   * @param id of the created object, if the answer has one
   */
  readonly end?: ((wasMade: boolean, id: string | undefined) => void) | undefined;
}

/**
 * Reads the demand of a batch file that a restricted client sends: its lines name deployments, use tokens and allow
 * answers of some length, none of which appears in any later request. Every further batch from a file uses all of that
 * again. Of other clients it only demands that the references of the lines can be checked, unless they may reach all
 * objects.
 *
 * @throws GatewayError when a line asks for something the client may not use, or is unclear
 */
export function readBatchOrder(
  client: Client,
  request: Request,
  { operation }: { readonly operation: string },
  files: BatchFiles,
): BatchOrder | undefined | Promise<BatchOrder | undefined> {
  const { deployments, budgets, maxOutputTokens } = client;
  const isRestricted = deployments !== undefined || budgets !== undefined || maxOutputTokens !== undefined;
  if (request.method !== 'POST') return undefined;
  if (!isRestricted) {
    if (!client.allObjects) checkLegible(request, operation);
    return undefined;
  }
  if (UPLOAD.test(operation)) throw unreadable('A file that is sent in parts');
  if (IMPORT.test(operation)) throw unreadable('A file that a backend fetches');
  if (operation === 'batches' && namesBlob(request)) throw unreadable('A file that is kept elsewhere');
  if (operation === 'batches' && budgets !== undefined) return readBatch(request, files);
  if (operation === 'messages/batches') return readMessages(client, request);
  return operation === 'files' ? readFile(client, request, files) : undefined;
}

/** The first batch from a file is paid for with the file, and only the first. */
function readBatch({ body, unpacked = body }: Request, files: BatchFiles): BatchOrder | undefined {
  const members = unpacked && readMembers(unpacked, FILE);
  if (members === undefined || isUnclear(members))
    throw new GatewayError('bad-request', 'The body must name the file of the batch exactly once.');
  const id = valueOf(unpacked as Buffer, members.byKey.get('input_file_id'));
  if (typeof id !== 'string') return undefined;
  const demand = files.begin(id);
  if (demand === 'paid')
    return {
      demand: undefined,
      end: (wasMade) => {
        if (!wasMade) files.refund(id);
      },
    };
  if (demand !== 'unknown') return { demand };
  throw new GatewayError(
    'bad-request',
    'A batch has been made from this file before, and the demand of its lines is not known any more. Send the file again.',
  );
}

const FILE: ReadonlySet<string> = new Set(['input_file_id']);

async function readFile(
  client: Client,
  request: Request,
  files: BatchFiles,
): Promise<BatchOrder | undefined> {
  const { maxOutputTokens } = client;
  const { contentType } = request;
  if (!isForm(contentType)) throw unreadable('A file that is not sent in a form');
  const demand = await readForm(request, contentType, maxOutputTokens);
  if (demand === undefined) return undefined;
  if (demand.problem !== undefined) throw batchRefused(demand.problem, maxOutputTokens);
  checkModels(client, demand, 'lines');
  return {
    demand,
    end: (wasMade, id) => void (wasMade && id !== undefined && files.remember(id, demand)),
  };
}

/** A batch of Claude's has its requests in its own body, so that it is charged itself. */
async function readMessages(client: Client, { body, unpacked = body, upload }: Request): Promise<BatchOrder> {
  if (upload !== undefined) throw tooLargeToRead('A batch', upload);
  const { maxOutputTokens } = client;
  const demand = unpacked && (await readMessageBatch(unpacked, maxOutputTokens));
  if (demand === undefined)
    throw new GatewayError(
      'bad-request',
      'The body must be a JSON object that has its "requests" once, as a list.',
    );
  if (demand.problem !== undefined) throw messageBatchRefused(demand.problem, maxOutputTokens);
  checkModels(client, demand, 'requests');
  return { demand };
}

/** A batch is charged as a whole, to the budgets for its model. */
function checkModels({ deployments, budgets }: Client, { models, others }: BatchDemand, parts: string): void {
  for (const model of [...models, ...others])
    if (deployments?.has(model) === false)
      throw new GatewayError('forbidden', 'Access denied: the client may not use a deployment of the batch.');
  if (budgets !== undefined && models.size > 1)
    throw new GatewayError('bad-request', `All ${parts} of a batch must name the same model.`);
}

const UPLOAD = /^uploads(?:\/|$)/;
const IMPORT = /^files(?:\/|\\|%2f|%5c)import/i;

/**
 * Checks that nothing hides the lines of a batch file, which may refer to objects of other clients.
 *
 * @throws GatewayError if they cannot
 */
function checkLegible(request: Request, operation: string): void {
  if (operation === 'batches' && namesBlob(request)) throw unreadable('A file that is kept elsewhere');
  const isFile = operation === 'files' || UPLOAD.test(operation) || IMPORT.test(operation);
  if (!isFile) return;
  const { contentType, body, unpacked = body, upload } = request;
  if (!isForm(contentType)) {
    if (saysBatch(request)) throw unreadable('A file for batches that is not sent in one form');
  } else if (upload !== undefined && unpacked !== undefined && saysForBatches(unpacked, contentType) === true)
    throw tooLargeToRead('A file for batches', upload);
}

/** Returns whether a JSON body says that its file is a batch file. */
function saysBatch({ body, unpacked = body }: Request): boolean {
  if (unpacked === undefined || unpacked.length === 0) return false;
  const purposes = readMembers(unpacked, PURPOSE);
  if (purposes === undefined) return false;
  const purpose = valueOf(unpacked, purposes.byKey.get('purpose'));
  return purposes.repeated.size > 0 || (typeof purpose === 'string' && isForBatches(purpose));
}

const PURPOSE: ReadonlySet<string> = new Set(['purpose']);

function readForm(
  { body, unpacked = body, upload }: Request,
  contentType: string,
  maxOutputTokens: number | undefined,
): BatchDemand | undefined | Promise<BatchDemand | undefined> {
  if (unpacked === undefined) return undefined;
  if (upload === undefined) {
    if (!isPlainForm(unpacked, contentType)) throw unreadable('A form that can be read in several ways');
    return readBatchUpload(unpacked, contentType, maxOutputTokens);
  }
  if (saysForBatches(unpacked, contentType) === false) return undefined;
  throw tooLargeToRead('A file for batches', upload);
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
  return new GatewayError('forbidden', `${what} cannot be checked.`);
}
