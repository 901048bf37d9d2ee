import type { ServerResponse } from 'node:http';
import type { ReceivedRequest } from '../answer/answer-request.ts';
import type { Resource } from '../options/options.ts';
import type { RequestLog } from '../records/request-log.ts';
import type { RequestRecord } from '../records/request-record.ts';

/** One request with all that is needed to answer it. */
export interface Exchange {
  readonly resource: Resource;
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly log: RequestLog;
}
