import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestLog } from '../records/request-log.ts';
import type { RequestRecord } from '../records/request-record.ts';

/** A client's request for a session, and the connection for it. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly connection: Socket;
  readonly head: Buffer;
  readonly record: RequestRecord;
}

/** Makes the HTTP response to an upgrade that is not accepted; the connection ends with it. */
export function responseToUpgrade(
  request: IncomingMessage,
  connection: Socket,
  log: RequestLog,
  record: RequestRecord,
): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(connection);
  response.on('finish', () => connection.end());
  response.on('close', () => log.end(record, response.writableFinished ? 'answered' : 'aborted'));
  // Nobody reads an upgrade's connection, so a client that leaves would not be noticed.
  connection.on('end', () => connection.destroy());
  connection.resume();
  return response;
}
