import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { writeConfigFile } from './write-config-file.ts';

const CLIENTS = 4;

/** Has four clients post JSON to each of these addresses, and returns how many requests were answered. */
export async function runH2load(urls: readonly string[], body: object): Promise<number> {
  const files = [writeConfigFile(urls.join('\n'), 'urls'), writeConfigFile(JSON.stringify(body), 'body')];
  const options = ['--h1', '-c', String(CLIENTS), '-n', String(CLIENTS * urls.length)];
  const input = ['-i', files[0]!, '-d', files[1]!, '-H', 'content-type: application/json'];
  const child = spawn('h2load', [...options, ...input], { stdio: ['ignore', 'pipe', 'inherit'] });
  return Number(/(\d+) done/.exec(await text(child.stdout))?.[1]);
}
