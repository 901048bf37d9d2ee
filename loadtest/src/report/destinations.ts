import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';

/**
 * Makes a folder, if it is not there, before anything runs whose result it is for.
 *
 * @param option the option that names it
 * @throws Error that says why nothing can be written there
 */
export function makeFolder(option: string, folder: string): void {
  attempt(option, folder, 'a folder', () => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  });
}

/**
 * Makes sure that a file can be written, before anything runs whose result it is for. One that is there is left as it is.
 *
 * @param option the option that names it
 * @throws Error that says why it cannot be written
 */
export function makeFile(option: string, file: string): void {
  attempt(option, file, 'a file in a folder that is there', () => closeSync(openSync(file, 'a')));
}

function attempt(option: string, path: string, allowed: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Error(`${option}: "${path}" cannot be written (${code}); allowed: ${allowed}`, {
      cause: error,
    });
  }
}
