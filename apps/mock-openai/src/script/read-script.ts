import { readTimeMs } from '../fields/field.ts';
import { placeOf, splitText, unquote } from '../fields/split-text.ts';
import { chance, checkScript, lastsForEver, refuseByChance } from './check-script.ts';
import { fieldsOf, firstFields, neededFields, stepKinds, textNames } from './step-fields.ts';
import type { TextPart } from '../fields/split-text.ts';
import type { ScriptResult } from './check-script.ts';
import type { Script, ScriptStep } from './step.ts';

/** Reports a problem at an offset of the text. */
type Report = (offset: number, problem: string) => void;

/** Reads a script: a list of steps, JSON of such a list, or the script language. */
export function readScript(input: unknown): ScriptResult {
  if (typeof input !== 'string') return checkScript(input);
  return /^\s*[[{]/.test(input) ? readJson(input) : readText(input);
}

/** Reads a script, or throws an Error that names every problem with its place. */
export function parseScript(input: Script | string): Script {
  const result = readScript(input);
  if (result.kind === 'script') return result.script;
  throw new Error(`The script is wrong:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function readJson(input: string): ScriptResult {
  try {
    return checkScript(JSON.parse(input));
  } catch (error) {
    return {
      kind: 'wrong',
      problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}

function readText(input: string): ScriptResult {
  const problems: string[] = [];
  const report: Report = (offset, problem) => problems.push(`${placeOf(input, offset)}: ${problem}`);
  const script: ScriptStep[] = [];
  // Comments become blanks, so that later positions stay right.
  const parts = splitText(
    input.replaceAll(/(?<=^|\n)\s*#.*/g, (comment) => comment.replaceAll(/\S/g, ' ')),
    ',\n',
  );
  for (const part of parts) {
    if (part.problem !== undefined) report(part.offset, part.problem);
    else if (part.text !== '') {
      const before = script.at(-1);
      if (before !== undefined && lastsForEver(before)) {
        report(part.offset, 'this step is never reached, because the one before it always applies');
      }
      readStep(part, script, report);
    } else if (part.separator === ',') report(part.offset, 'a step is missing before the comma');
  }
  return problems.length === 0 ? checkScript(script) : { kind: 'wrong', problems };
}

function readStep(part: TextPart, script: ScriptStep[], report: Report): void {
  const match = /^((?:[^\s(]+\s+){0,2})([\w-]+)\s*(?:\((.*)\))?$/s.exec(part.text);
  if (match === null) {
    report(part.offset, `"${part.text}" is not a step such as "3x throttle(retry-after=5)"`);
    return;
  }
  const [, prefix = '', kind = '', list] = match;
  const fields = fieldsOf(kind);
  if (fields === undefined) {
    const offset = part.offset + part.text.indexOf(kind, prefix.length);
    report(offset, `"${kind}" is not one of ${stepKinds.join(', ')}`);
    return;
  }
  const step: Record<string, unknown> = { kind };
  readPrefix(prefix, step, part.offset, report);
  const listOffset = part.offset + part.text.indexOf('(') + 1;
  for (const item of list === undefined || list.trim() === '' ? [] : splitText(list, ',')) {
    readArgument({ ...item, offset: listOffset + item.offset }, step, report);
  }
  const needed = neededFields[kind];
  if (needed !== undefined && step[needed.name] === undefined) report(part.offset, needed.problem);
  if (kind === 'refuse' && 'chance' in step) report(part.offset, refuseByChance);
  script.push(step as unknown as ScriptStep);
}

/** Reads the length of a step and its chance, both optional. */
function readPrefix(prefix: string, step: Record<string, unknown>, offset: number, report: Report): void {
  const [first = '', second = ''] = prefix.trim().split(/\s+/);
  const hasLength = first !== '' && !first.endsWith('%');
  if (hasLength) readLength(first, step, offset, report);
  const percent = hasLength ? second : first;
  const extra = hasLength ? '' : second;
  const percentOffset = offset + (hasLength ? prefix.indexOf(second, first.length) : 0);
  if (percent !== '') {
    step['chance'] = readChance(percent);
    if (!chance.isValid(step['chance'])) report(percentOffset, `"${percent}" is not ${chance.allowed}`);
  }
  if (extra !== '') {
    report(offset + prefix.indexOf(extra, first.length), `"${extra}" stands after a chance, not before it`);
  }
}

function readChance(percent: string): unknown {
  return /^\d+(\.\d+)?%$/.test(percent) ? Number(percent.slice(0, -1)) / 100 : percent;
}

function readLength(length: string, step: Record<string, unknown>, offset: number, report: Report): void {
  const forMs = readTimeMs(length);
  if (/^[1-9]\d*x$/.test(length)) step['times'] = Number(length.slice(0, -1));
  else if (forMs !== undefined) step['forMs'] = forMs;
  else if (length !== 'always') {
    step['times'] = 1;
    report(offset, `"${length}" is not a length: a count such as 3x, a time such as 10s or 250ms, or always`);
  }
}

function readArgument(item: TextPart, step: Record<string, unknown>, report: Report): void {
  const kind = String(step['kind']);
  const fields = fieldsOf(kind) ?? {};
  const [, word, raw = ''] = /^(?:([\w.!#$%&'*+^`|~-]+)\s*=\s*)?(.*)$/s.exec(item.text) ?? [];
  const value = unquote(raw);
  if (word?.startsWith('header.') === true && 'headers' in fields) {
    const header = { [word.slice('header.'.length)]: value };
    step['headers'] = { ...(step['headers'] as object | undefined), ...header };
    return;
  }
  const name = word === undefined ? firstFields[kind] : textNames[word];
  const field = name === undefined ? undefined : fields[name];
  if (name === undefined || field === undefined) {
    report(item.offset, `"${word ?? item.text}" is not an argument of ${kind} (${argumentsOf(fields)})`);
    return;
  }
  if (name in step) report(item.offset, `"${word ?? item.text}" is said twice`);
  step[name] = raw === value ? field.read(value) : value;
  if (!field.isValid(step[name])) report(item.offset, `"${value}" is not ${field.allowed}`);
}

function argumentsOf(fields: object): string {
  const words = Object.keys(textNames).filter((word) => (textNames[word] ?? '') in fields);
  if ('headers' in fields) words.push('header.<name>');
  return words.length === 0 ? 'it has none' : `it has ${words.join(', ')}`;
}
