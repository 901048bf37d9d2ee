#!/usr/bin/env node
// First, as SIGHUP ends a process that has no handler for it.
import './hangup.ts';
import { runCommand } from './commands/run-command.ts';

const code = await runCommand(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
