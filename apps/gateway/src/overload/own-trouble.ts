import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** What the process itself lacks: descriptors, ports, or memory of the system's. */
const CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** Returns whether an error is nobody's fault but the process's own, which can open no more connections. */
export function isOwnTrouble(error: unknown): error is NodeJS.ErrnoException {
  return CODES.has(String((error as NodeJS.ErrnoException | undefined)?.code));
}

/**
 * Returns why the process can open nothing more at this moment, or undefined if it can. What needs a descriptor, such as
 * a look-up in DNS, may fail by another name.
 */
export function findTrouble(): NodeJS.ErrnoException | undefined {
  try {
    closeSync(openSync(devNull, 'r'));
    return undefined;
  } catch (error) {
    return isOwnTrouble(error) ? error : undefined;
  }
}
