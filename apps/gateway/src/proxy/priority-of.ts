import type { IncomingHttpHeaders } from 'node:http';
import { priorityClasses, type PriorityClass } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';

/** Reads the class of a request off its headers. */
export type PriorityOf = (headers: IncomingHttpHeaders, caller?: CallerClass) => PriorityClass;

/** A client that is known, and what it says of its requests. */
interface CallerClass {
  readonly priorityClass: PriorityClass | undefined;
}

/**
 * Makes the function that answers how urgent a request is: what its header says where it may, else the class of its client,
 * else the usual one. Where clients are told apart, `priorityClasses.clients` counts for nothing. It throws a GatewayError `bad-request` for a class that there is not.
 */
export function createPriorityOf({
  default: usual,
  allowHeader,
  clients = [],
}: NonNullable<Config['priorityClasses']>): PriorityOf {
  // Found by a hash that is seeded anew in each process: how long it takes says nothing about a key.
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

/** Returns the key that a client sends; empty if it sends none, which is nobody's. */
function credentialOf({ 'api-key': key, authorization = '' }: IncomingHttpHeaders): string {
  if (typeof key === 'string') return key;
  return /^bearer +(.+)$/i.exec(authorization)?.[1] ?? '';
}
