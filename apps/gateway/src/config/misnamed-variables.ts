import type { ConfigProblem } from './config-error.ts';
import { nearestOf } from './meant-key.ts';
import {
  BACKEND_VARIABLES,
  type Environment,
  isOfKubernetes,
  TIMEOUT_VARIABLE,
  VARIABLES,
} from './environment.ts';

const SUFFIXES = Object.keys(BACKEND_VARIABLES);
const SINGLE = [...Object.keys(VARIABLES), TIMEOUT_VARIABLE, 'SPILLWAY_CONFIG'];
const NUMBERED = /^BACKEND_\d+_\w+$/;
/** Shorter names resemble those of other programs. */
const UNMISTAKABLE = SINGLE.filter((name) => name.length > 8);

/** A guess at the meaning of such a variable. */
interface Guess {
  readonly found: string;
  readonly meant: string;
}

/**
 * Returns a problem for each variable that is not read although its name suggests that it should be.
 *
 * @param hasBackends whether any variable defines a backend, so that others may belong to another program
 */
export function describeMisnamed(env: Environment, hasBackends: boolean): ConfigProblem[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (value.trim() === '' || SINGLE.includes(name) || NUMBERED.test(name)) return [];
    const guess = guessSpelling(name) ?? guessBackend(name, hasBackends) ?? guessSingle(name, value);
    if (guess === undefined) return [];
    return { key: visible(name), found: guess.found, allowed: guess.meant };
  });
}

/** A byte order mark, `export`, other letters or dashes: all from files that a shell or an editor has written. */
function guessSpelling(name: string): Guess | undefined {
  const plain = name
    .replace(/^\W*(?:(?:export|set)\s+)?/i, '')
    .replaceAll('-', '_')
    .replaceAll(/\W/g, '')
    .toUpperCase();
  const [, suffix = ''] = /^BACKEND_\d+_(\w+)$/.exec(plain) ?? [];
  if (plain === name || !(SUFFIXES.includes(suffix) || UNMISTAKABLE.includes(plain))) return undefined;
  return {
    found: 'a name that is not read, as its case or a character is wrong',
    meant: plain,
  };
}

function guessBackend(name: string, hasBackends: boolean): Guess | undefined {
  const [, middle, suffix = ''] = /^BACKENDS?(_?[A-Z0-9]+?)?_([A-Z_]+)$/.exec(name) ?? [];
  const known = suffix === '' ? undefined : nearestOf(suffix, SUFFIXES);
  if (known === undefined || (middle === undefined && hasBackends)) return undefined;
  const number = /^_?(\d+)$/.exec(middle ?? '')?.[1];
  if (number !== undefined) return { found: 'a name that is not read', meant: `BACKEND_${number}_${known}` };
  return {
    found: 'a name that is not read, as backends are numbered',
    meant: `BACKEND_1_${known}, BACKEND_2_${known} …`,
  };
}

function guessSingle(name: string, value: string): Guess | undefined {
  const nearest = nearestOf(name, UNMISTAKABLE);
  const isOurs = name.startsWith('SPILLWAY_') && !isOfKubernetes(name.slice('SPILLWAY_'.length), value);
  if (nearest !== undefined)
    return { found: `an unknown variable (did you mean ${nearest}?)`, meant: nearest };
  if (!isOurs) return undefined;
  const without = name.slice('SPILLWAY_'.length);
  const meant = SINGLE.includes(without) ? without : SINGLE.join(', ');
  return { found: 'an unknown variable', meant };
}

/** Returns a name without its invisible characters. */
function visible(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
