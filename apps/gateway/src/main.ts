#!/usr/bin/env node
// First, as a SIGHUP ends a process that does not say what it means to it.
import './hangup.ts';
import { runCommand } from './commands/run-command.ts';

const code = await runCommand(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
