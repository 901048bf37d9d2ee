import type { IncomingHttpHeaders } from 'node:http';
import { priorityClasses, type PriorityClass } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';

/** Reads the class of a request from its headers. */
export type PriorityOf = (headers: IncomingHttpHeaders, caller?: CallerClass) => PriorityClass;

/** An identified client, as far as it determines the class. */
interface CallerClass {
  readonly priorityClass: PriorityClass | undefined;
}

/**
 * Creates the function that returns the class of a request: the header's where that is allowed, else the client's, else
 * the default. Where clients are told apart, `priorityClasses.clients` is ignored. It throws a GatewayError
 * `bad-request` for an unknown class.
 */
export function createPriorityOf({
  default: usual,
  allowHeader,
  clients = [],
}: NonNullable<Config['priorityClasses']>): PriorityOf {
  // Looked up by a hash with a random seed per process, so the time it takes reveals nothing about a key.
  const classOf = new Map(clients.map(({ key, class: priorityClass }) => [key, priorityClass]));
  const ofClient = (headers: IncomingHttpHeaders) =>
    classOf.size === 0 ? undefined : classOf.get(credentialOf(headers));
  return (headers, caller) => {
    const own = caller === undefined ? ofClient(headers) : caller.priorityClass;
    const asked = allowHeader ? readClass(headers['x-spillway-priority']) : undefined;
    if (own === undefined || asked === undefined) return asked ?? own ?? usual;
    return priorityClasses.indexOf(asked) > priorityClasses.indexOf(own) ? asked : own;
  };
}

function readClass(header: string | string[] | undefined): PriorityClass | undefined {
  if (header === undefined) return undefined;
  const found = priorityClasses.find((priorityClass) => priorityClass === header);
  if (found !== undefined) return found;
  throw new GatewayError(
    'bad-request',
    `The header x-spillway-priority must be one of ${priorityClasses.join(', ')}.`,
  );
}

/** Returns the key that a client sends; empty if there is none, which belongs to no client. */
function credentialOf({ 'api-key': key, authorization = '' }: IncomingHttpHeaders): string {
  if (typeof key === 'string') return key;
  return /^bearer +(.+)$/i.exec(authorization)?.[1] ?? '';
}
