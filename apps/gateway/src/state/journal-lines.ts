import { open } from 'node:fs/promises';
import type { KnownOwner } from '../ownership/owner-store.ts';
import { orNothing } from './files.ts';
import { readHead } from './kept-file.ts';

/** A journal's last entry for each object, the oldest entry first; undefined for an object that is gone. */
export type JournalEntries = Map<string, KnownOwner | undefined>;

/** A journal as it was found. */
export type Journal =
  | { readonly kind: 'missing' | 'newer' }
  | { readonly kind: 'whole' | 'damaged'; readonly entries: JournalEntries };

/** Renders a line. Its time is that of the wall clock, as it has to outlive the process. */
export function journalLine(id: string, known: KnownOwner | undefined, wallMs: number): string {
  if (known === undefined) return `${JSON.stringify({ id })}\n`;
  const { owner, client, leftMs } = known;
  return `${JSON.stringify({ id, owner, client, until: Math.round(wallMs + leftMs) })}\n`;
}

/**
 * Reads a journal, line by line. An incomplete last line is left by a killed process, and is no damage.
 *
 * @throws the system's error if it cannot be read
 */
export async function readJournal(path: string, wallMs: number): Promise<Journal> {
  const file = await open(path, 'r').catch(orNothing);
  if (file === undefined) return { kind: 'missing' };
  const entries: JournalEntries = new Map();
  let head: string | undefined;
  let isLastBroken = false;
  let isDamaged = false;
  try {
    for await (const line of file.readLines({ encoding: 'utf8' })) {
      if (head === undefined) {
        head = readHead(line).kind;
        if (head === 'newer') return { kind: 'newer' };
        isDamaged = head === 'damaged';
        continue;
      }
      isDamaged ||= isLastBroken;
      isLastBroken = !readLine(line, wallMs, entries);
    }
  } finally {
    await file.close();
  }
  return { kind: isDamaged || head === undefined ? 'damaged' : 'whole', entries };
}

/** Applies a line. Returns whether it is valid. */
function readLine(line: string, wallMs: number, entries: JournalEntries): boolean {
  const known = parseLine(line);
  if (known === undefined) return false;
  const { id, owner, client, until } = known;
  // The order is that of the last entries.
  entries.delete(id);
  entries.set(
    id,
    owner === undefined || until === undefined ? undefined : { owner, client, leftMs: until - wallMs },
  );
  return true;
}

interface Line {
  readonly id: string;
  readonly owner: string | undefined;
  readonly client: string | undefined;
  readonly until: number | undefined;
}

function parseLine(line: string): Line | undefined {
  try {
    const { id, owner, client, until } = JSON.parse(line) as Readonly<Record<keyof Line, unknown>>;
    const isLine =
      typeof id === 'string' &&
      isOptional(owner, 'string') &&
      isOptional(client, 'string') &&
      isOptional(until, 'number') &&
      (owner === undefined) === (until === undefined);
    return isLine ? ({ id, owner, client, until } as Line) : undefined;
  } catch {
    return undefined;
  }
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}
