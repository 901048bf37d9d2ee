import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../node_modules/.cache/clients', import.meta.url));
const programs = fileURLToPath(new URL('programs', import.meta.url));

/** A command and its arguments. */
export type Command = readonly [string, ...string[]];

/** Returns whether a command exists, by asking for its version. */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined;
}

/** Creates a folder with some programs in it, and installs their dependencies there unless that was done before. */
export function installIn(name: string, language: string, commands: readonly Command[]): string {
  const folder = join(root, name);
  const done = join(
    folder,
    `.installed-${Buffer.from(JSON.stringify(commands)).toString('base64url').slice(-40)}`,
  );
  const isDone = existsSync(done);
  if (!isDone) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(programs, language), folder, { recursive: true });
  if (isDone) return folder;
  for (const command of commands) run(folder, command);
  writeFileSync(done, '');
  return folder;
}

function run(cwd: string, [command, ...given]: Command): void {
  const { status, stdout, stderr, error } = spawnSync(command, given, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const said = error?.message ?? `${stdout}${stderr}`.slice(-2000);
  throw new Error(`${command} ${given.join(' ')} failed: ${said}`);
}
