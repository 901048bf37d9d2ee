import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Error codes for shortages of the process itself: descriptors, ports, or system memory. */
const CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** Returns whether an error is the process's own fault, as it can open no more connections. */
export function isOwnTrouble(error: unknown): error is NodeJS.ErrnoException {
  return CODES.has(String((error as NodeJS.ErrnoException | undefined)?.code));
}

/**
 * Returns why the process can open nothing more at this moment, or undefined if it can. An operation that needs a
 * descriptor, such as a DNS look-up, may fail with another code.
 */
export function findTrouble(): NodeJS.ErrnoException | undefined {
  try {
    closeSync(openSync(devNull, 'r'));
    return undefined;
  } catch (error) {
    return isOwnTrouble(error) ? error : undefined;
  }
}
