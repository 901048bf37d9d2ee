import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Command } from './scratch.ts';

/** Starts a program that answers each line with a line, until the test ends. */
export function startProgram(
  cwd: string,
  [command, ...given]: Command,
  env: Readonly<Record<string, string>>,
): (question: string) => Promise<string> {
  const program = spawn(command, given, { cwd, env: { ...process.env, ...env } });
  let said = '';
  program.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4000)));
  // A program that has ended no longer reads; its exit explains why.
  program.stdin.on('error', () => {});
  const lines = createInterface({ input: program.stdout });
  const ended = once(program, 'exit').then(([code]) => {
    throw new Error(`${command} ended with ${String(code)}: ${said}`);
  });
  ended.catch(() => {});
  onTestFinished(() => void program.kill());
  return async (question) => {
    program.stdin.write(`${question}\n`);
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    return line;
  };
}
