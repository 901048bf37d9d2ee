import type { Duplex } from 'node:stream';
import type { ResponseHeaders } from '../headers/to-client.ts';
import type { BackendBody } from './backend-body.ts';
import type { BackendSession } from './backend-session.ts';

/** A backend's answer whose body is still to be read. */
export interface BackendResponse {
  readonly statusMessage: string | undefined;
  readonly headers: ResponseHeaders;
  readonly body: BackendBody;
  /** The connection itself, once the backend has agreed to upgrade it. */
  readonly socket?: Duplex | undefined;
  /** The session on it, where its messages are read. */
  readonly session?: BackendSession | undefined;
}
