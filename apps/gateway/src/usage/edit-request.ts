import { type BodyEdit, editBody, shiftRange } from '../body/body-edit.ts';
import type { ByteRange } from '../body/byte-range.ts';
import { withoutHeader } from '../headers/without-header.ts';

/** A request in the form in which backends get it. */
export interface EditableRequest {
  readonly rawHeaders: readonly string[];
  readonly body: Buffer | undefined;
  readonly unpacked?: Buffer | undefined;
  readonly upload?: unknown;
  readonly addedLimit?: ByteRange | undefined;
}

/** A request whose answer will be read. */
type ReadRequest = Pick<EditableRequest, 'rawHeaders'> & { readonly upgrade?: string | undefined };

/** Its destination, with the positions of the deployment's name. */
export interface EditableRoute {
  readonly deploymentPlace?: Place | undefined;
}

interface Place {
  readonly in: 'path' | 'json' | 'form';
  readonly range: ByteRange;
  readonly others?: readonly Place[] | undefined;
}

/** A request, and its destination. */
export interface Asked<R, T> {
  readonly request: R;
  readonly route: T;
}

/**
 * Returns a request with an edited body, which is no longer packed. The positions of the deployment's name, and of that
 * of an added limit, are adjusted.
 */
export function editRequest<R extends EditableRequest, T extends EditableRoute>(
  { request, route }: Asked<R, T>,
  edits: readonly BodyEdit[],
): Asked<R, T> {
  const plain = request.unpacked ?? request.body;
  if (edits.length === 0 || plain === undefined) return { request, route };
  const { rawHeaders, unpacked, addedLimit } = request;
  const headers = unpacked === undefined ? rawHeaders : withoutHeader(rawHeaders, 'content-encoding');
  const { deploymentPlace } = route;
  const edited = { ...request, rawHeaders: headers, body: editBody(plain, edits), unpacked: undefined };
  return {
    request: addedLimit ? { ...edited, addedLimit: shiftRange(addedLimit, edits) } : edited,
    route: deploymentPlace ? { ...route, deploymentPlace: shiftPlace(deploymentPlace, edits) } : route,
  };
}

function shiftPlace(place: Place, edits: readonly BodyEdit[]): Place {
  const range = place.in === 'json' ? shiftRange(place.range, edits) : place.range;
  return { ...place, range, others: place.others?.map((one) => shiftPlace(one, edits)) };
}

/** Returns the body of a request if it can be edited: complete JSON. */
export function editableBody({ body, unpacked, upload, rawHeaders }: EditableRequest): Buffer | undefined {
  if (upload !== undefined) return undefined;
  if (unpacked !== undefined) return unpacked;
  if (body?.[0] === OPEN_BRACE) return body;
  const isPacked = rawHeaders.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-encoding');
  return isPacked ? undefined : body;
}

const OPEN_BRACE = 0x7b;

/** Returns headers that ask for an answer that is not packed, and for a session without compression. */
export function unpackedHeaders({ rawHeaders, upgrade }: ReadRequest): string[] {
  if (upgrade !== undefined) return withoutHeader(rawHeaders, 'sec-websocket-extensions');
  const headers = withoutHeader(rawHeaders, 'accept-encoding');
  headers.push('Accept-Encoding', 'identity');
  return headers;
}
