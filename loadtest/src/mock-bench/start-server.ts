import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pin } from '../process/pin-processes.ts';
import type { Usage } from './serve.ts';

/** A server in a process of its own. */
export interface Server {
  readonly url: string;
  readonly usage: () => Promise<Usage>;
  readonly stop: () => Promise<void>;
}

/** Starts `bare`, or a mock with these options, on a processor of its own. */
export async function startServer(what: string, processor: number | undefined): Promise<Server> {
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [what]);
  if (child.pid !== undefined && processor !== undefined) pin(child.pid, processor);
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    usage: async () => {
      child.send('usage');
      const [usage] = (await once(child, 'message')) as [Usage];
      return usage;
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
