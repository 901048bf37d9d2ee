import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { priorityClasses, type PriorityClass } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';

/** Reads the class of a request off its headers. */
export type PriorityOf = (headers: IncomingHttpHeaders) => PriorityClass;

/**
 * Makes the function that answers how urgent a request is: what its header says where it may, else the class of its client,
 * else the usual one. It throws a GatewayError `bad-request` for a class that there is not.
 */
export function createPriorityOf({
  default: usual,
  allowHeader,
  clients = [],
}: NonNullable<Config['priorityClasses']>): PriorityOf {
  const listed = clients.map(({ key, class: priorityClass }) => ({ digest: digestOf(key), priorityClass }));
  const ofClient = (headers: IncomingHttpHeaders) => {
    const key = listed.length === 0 ? undefined : credentialOf(headers);
    if (key === undefined) return undefined;
    const digest = digestOf(key);
    return listed.find((client) => timingSafeEqual(client.digest, digest))?.priorityClass;
  };
  return (headers) => {
    const own = ofClient(headers);
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

function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['api-key'];
  if (typeof key === 'string') return key;
  return /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Of one length, so that how long a comparison takes says nothing about a key. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
