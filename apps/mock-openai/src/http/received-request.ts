import type { IncomingHttpHeaders } from 'node:http';
import type { Form } from './read-form.ts';

/** A request as far as an answer depends on it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The contents of a multipart body; undefined for other bodies, and for a malformed one. */
  readonly form?: Form | undefined;
}
