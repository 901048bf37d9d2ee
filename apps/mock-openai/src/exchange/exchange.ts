import type { ServerResponse } from 'node:http';
import type { Resource } from '../answer/resource.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { RequestLog } from '../records/request-log.ts';
import type { RequestRecord } from '../records/request-record.ts';

/** One request with everything needed to answer it. */
export interface Exchange {
  readonly resource: Resource;
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly log: RequestLog;
}
