import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isForm } from '../body/form-field.ts';
import { isEncodedOtherwise, isHidden, isStillPacked } from '../body/hidden-body.ts';
import { isPlainForm } from '../body/plain-form.ts';
import { isSeal } from '../body/seal-hash.ts';
import { GatewayError } from '../errors.ts';
import { readSessionKey } from '../headers/session-key.ts';
import { tooLargeToRead, type Upload } from '../request/upload.ts';
import { isStateful, READS } from '../route/operations.ts';
import { allReferences, allStrings } from '../route/all-references.ts';
import { formValues } from '../route/form-values.ts';
import { mayHideObjects, mayRefer } from '../route/reference-words.ts';
import type { RequestContent } from '../route/request-content.ts';
import { isAskable, isObjectId, type Reference, withoutAction } from '../route/stored-objects.ts';
import { batchReferences } from './batch-references.ts';
import { evaluatesObjectsOfAll } from './evaluated-objects.ts';
import { cursorsIn, othersIn, segmentsOf } from './ids-in-path.ts';
import type { OwnerStore } from './owner-store.ts';
import { referenceInPath } from './references.ts';
import { ShownObjects } from './shown-objects.ts';

/** The client that objects belong to. */
export interface ObjectsClient {
  readonly name: string;
  /** Whether it may use the objects of all clients, and those of unknown ones. */
  readonly allObjects: boolean;
}

/** A request that may refer to objects. */
export interface ReferringRequest {
  readonly method?: string | undefined;
  /** The protocol that it wants to upgrade to. */
  readonly upgrade?: string | undefined;
  /** The session that has been opened for it. */
  readonly session?: unknown;
  readonly contentType: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
  /** The unpacked body, where the client has packed it. */
  readonly unpacked?: Buffer | undefined;
  /** The rest of a body that is too large to be kept. */
  readonly upload?: Pick<Upload, 'replayBytes'> | undefined;
}

/** The destination of such a request. */
export interface ReferringRoute {
  readonly operation: string;
  readonly path: string;
  readonly content?: Pick<RequestContent, 'references' | 'showsObjects'> | undefined;
}

/**
 * The stored objects as one client may see them: only its own. All clients share the backends' credential, so to a
 * backend they are one client; only the gateway knows whose an object is.
 */
export class ClientObjects implements OwnerStore {
  readonly #store: OwnerStore;
  readonly #client: ObjectsClient;
  readonly #backends: ReadonlySet<string>;

  /** @param backends the names of those that it may use */
  constructor(store: OwnerStore, client: ObjectsClient, backends: readonly string[]) {
    this.#store = store;
    this.#client = client;
    this.#backends = new Set(backends);
  }

  async ownerOf(id: string): Promise<string | undefined> {
    const isReached = isSeal(id) || (await this.isReached(id));
    return isReached ? this.#store.ownerOf(id) : undefined;
  }

  /** Looking at what others have made does not make it the client's. */
  forRequest(mayMake: boolean, operation: string): OwnerStore {
    if (!this.#client.allObjects) return this;
    return new ShownObjects(this, this.#store, mayMake ? this.#client.name : undefined, operation);
  }

  clientOf(id: string): ReturnType<OwnerStore['clientOf']> {
    return this.#store.clientOf(id);
  }

  remember(id: string, owner: string): void {
    this.#store.remember(id, owner, this.#client.name);
  }

  /** A backend that the client may not use was not asked, so that the object may still be there. */
  async forget(id: string): Promise<void> {
    if (isSeal(id)) return this.#store.forget(id);
    const owner = await this.ownerOf(id);
    if (owner !== undefined && this.#backends.has(owner)) await this.#store.forget(id);
  }

  /** Returns whether an object is the client's, or one that it may use anyway. */
  async isReached(id: string): Promise<boolean> {
    return this.#client.allObjects || (await this.#store.clientOf(id)) === this.#client.name;
  }

  /** Returns whether a request may refer to any object. Called for every request, so it has to be cheap. */
  concerns(request: ReferringRequest, { operation, path, content }: ReferringRoute): boolean {
    const { method, headers, body, unpacked = body, upload, contentType } = request;
    if (isStateful(operation, method) || changesWhatAllUse(method, operation)) return true;
    if (operation.startsWith('realtime') && path.includes('?')) return true;
    if (unpacked === undefined) return false;
    if (content?.showsObjects === true || mayHideObjects(unpacked) || upload !== undefined) return true;
    const isUnpacked = request.unpacked !== undefined;
    return isHidden({
      bytes: unpacked,
      contentType,
      contentEncoding: headers['content-encoding'],
      isUnpacked,
    });
  }

  /**
   * Checks that a request does not refer to others' objects. An object of unknown origin is refused in the same way, as
   * it may be anybody's; of the names in a body, only those that could be an object's.
   *
   * @throws GatewayError `not-found`; `bad-request` or `body-too-large` if it is unclear what the body refers to
   */
  async check(request: ReferringRequest, { operation, path, content }: ReferringRoute): Promise<void> {
    const isOfAll = !this.#client.allObjects && changesWhatAllUse(request.method, operation);
    if (isOfAll || isUnfiltered(request, operation)) throw missing();
    for (const segment of segmentsOf(operation)) await this.#requireInPath(segment);
    for (const id of cursorsIn(path)) await this.#require(id);
    for (const id of othersIn(path)) await this.#requireIfKnown(id);
    if (isForm(request.contentType)) await this.#checkForm(request, request.contentType, operation);
    const body = readableBody(request);
    if (body === undefined || !mayRefer(operation, body)) return;
    await this.#requireAll([...allReferences(operation, body), ...(content?.references ?? [])]);
    if (!this.#client.allObjects && evaluatesObjectsOfAll(operation, body)) throw missing();
  }

  async #checkBatch(form: Buffer, type: string): Promise<void> {
    for (const references of batchReferences(form, type)) {
      await this.#requireAll(references);
      await nextTurn();
    }
  }

  /** Checks references that backends can be asked about, and any others that are known. */
  async #requireAll(references: readonly Reference[]): Promise<void> {
    for (const reference of references) {
      const { id } = reference;
      if (!isSeal(id) && (isAskable(reference) || (await this.#isKnown(id)))) await this.#require(id);
    }
  }

  /** A field may be an id, or hold several ids as JSON. */
  async #checkForm(
    { body, unpacked = body, upload }: ReferringRequest,
    type: string,
    operation: string,
  ): Promise<void> {
    if (unpacked === undefined) return;
    // A batch file that is too large to be kept is refused elsewhere.
    if (operation === 'files' && upload === undefined && !this.#client.allObjects)
      await this.#checkBatch(plain(unpacked, type), type);
    if (NEVER_REFER.test(operation)) return;
    // It is then no form but JSON, and is checked as such.
    if (JSON_BEGINS.test(beginningOf(unpacked))) return;
    const form = upload === undefined ? plain(unpacked, type) : unpacked;
    for (const { name, value } of formValues(form, type)) {
      if (isObjectId(value) && ID_FIELD.test(name)) await this.#require(value);
      for (const id of /^[[{"]/.test(value) ? allStrings(value) : [value]) await this.#requireIfKnown(id);
    }
  }

  /** An action on an object may be appended to its name. */
  async #requireInPath(segment: string): Promise<void> {
    const name = withoutAction(segment);
    const isOwn = name !== segment && (await this.isReached(name));
    if (!isOwn) await this.#require(segment);
  }

  /** For a name that need not be an id. */
  async #requireIfKnown(id: string): Promise<void> {
    if (isObjectId(id) && (await this.#isKnown(id))) await this.#require(id);
  }

  async #require(id: string): Promise<void> {
    const isOperation = WORD.test(id) && !isObjectId(id) && !(await this.#isKnown(id));
    if (isOperation || (await this.isReached(id))) return;
    throw missing();
  }

  async #isKnown(id: string): Promise<boolean> {
    return (await this.#store.ownerOf(id)) !== undefined;
  }
}

/** @throws GatewayError `bad-request` for a form that can be read in several ways, or has too many fields */
function plain(form: Buffer, type: string): Buffer {
  if (isPlainForm(form, type)) return form;
  throw new GatewayError('bad-request', 'The form can be read in several ways, or has too many fields.');
}

function missing(): GatewayError {
  return new GatewayError('not-found', 'The object does not exist, or is not this client’s.');
}

/** Returns whether a request would create or delete a model or a deployment, as is possible for fine-tuned ones. */
function changesWhatAllUse(method: string | undefined, operation: string): boolean {
  return method !== undefined && !READS.includes(method) && OF_ALL.test(operation);
}

const OF_ALL = /^(?:models|deployments)(?:\/|$)/;

/**
 * Returns whether the response may reveal others' objects without being filtered. Only a `GET` is filtered: not the
 * length of a list from `HEAD`, nor the answer of a backend that ignores an upgrade, nor what an ephemeral key gets.
 */
function isUnfiltered({ method, headers, upgrade, session }: ReferringRequest, operation: string): boolean {
  const isOfSessions = operation.startsWith('realtime');
  if (upgrade !== undefined) return session === undefined && !isOfSessions;
  const isFiltered = method === 'GET' && (isOfSessions || readSessionKey(headers) === undefined);
  const isRead = method === 'HEAD' || method === 'GET';
  return isRead && !isFiltered && referenceInPath(operation) === undefined && isStateful(operation, method);
}

/** Names of operations below a collection. Every id has a digit. */
const WORD = /^[a-z_]*$/;
/** Forms that bring files or audio, and refer to nothing else. */
const NEVER_REFER = /^(?:files|uploads|audio)(?:\/|$)/;
/** Fields that name an object: `file_id`, `file_ids[]`, `video[id]`. */
const ID_FIELD = /(?:^|[_[])ids?(?:\]|\[\d*\])*$/;

/** Content types in which a backend looks for no ids. */
const NO_JSON = /^application\/(?:sdp|octet-stream)\b/i;

/** The beginning of an object or a list, with or without a byte order mark. */
const JSON_BEGINS = /^(?:\u00ef\u00bb\u00bf)?\s*(?:[[{]|$)/;
/** The same in UTF-16 or UTF-32. */
const WIDE_JSON_BEGINS = /^(?:[\u00fe\u00ff]{2})?\0*[[{\s]\0/;

function beginningOf(body: Buffer): string {
  return body.toString('latin1', 0, 64);
}

/** Returns the JSON body of a request; empty where it has none. */
function readableBody({
  contentType = '',
  headers,
  body,
  unpacked,
  upload,
}: ReferringRequest): Buffer | undefined {
  if (body === undefined || body.length === 0) return undefined;
  const isOther = isForm(contentType) || NO_JSON.test(contentType);
  const beginning = beginningOf(unpacked ?? body);
  // Not every reader relies on the declared type of a body.
  if (isOther && !JSON_BEGINS.test(beginning) && !WIDE_JSON_BEGINS.test(beginning)) return undefined;
  if (upload !== undefined) throw tooLargeToRead('JSON', upload);
  if (isStillPacked({ contentEncoding: headers['content-encoding'], isUnpacked: unpacked !== undefined }))
    throw new GatewayError('bad-request', 'The body has a content encoding that is not supported.');
  if (isEncodedOtherwise(unpacked ?? body, contentType))
    throw new GatewayError('bad-request', 'The body is not in UTF-8.');
  return unpacked ?? body;
}
