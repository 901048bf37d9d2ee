import { readCommandLine } from './options/command-line.ts';
import { help } from './options/help.ts';
import { startMocks } from './start-mock.ts';
import type { Mock } from './mock.ts';
import type { MockOptions } from './options/options.ts';

const command = readCommandLine(process.argv.slice(2));
switch (command.kind) {
  case 'help':
    process.stdout.write(help);
    break;
  case 'wrong':
    process.stderr.write(`${command.problems.join('\n')}\n`);
    process.exitCode = 1;
    break;
  case 'start':
    await run(command.mocks);
    break;
}

async function run(list: readonly MockOptions[]): Promise<void> {
  let mocks: readonly Mock[] = [];
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    void Promise.all(mocks.map((mock) => mock.stop())).then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    mocks = await startMocks(list);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
    return;
  }
  if (isStopping) return;
  for (const mock of mocks)
    process.stdout.write(`${mock.name} on ${mock.url}, control on ${mock.controlUrl}\n`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} on ${address} is in use.`;
  return port === undefined ? error.message : `Cannot listen on ${address}:${port}: ${error.message}`;
}
