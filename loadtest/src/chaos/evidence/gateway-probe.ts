import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { readUsage } from '../../process/process-usage.ts';

/** The gateway's own report. */
export interface GatewayReport {
  readonly process: {
    readonly connections: number;
    readonly inFlight: number;
    readonly keptBytes: number;
    readonly escapedErrors: number;
    readonly droppedLogLines: number;
  };
  readonly backends: readonly { readonly name: string; readonly inFlight: number }[];
}

/** The resources of the gateway's process. */
export interface ProcessHoldings {
  /** `NaN` where there is no `/proc`. */
  readonly descriptors: number;
  readonly residentBytes: number;
}

const ASK_LIMIT_MS = 5000;

/** Sends one request on a connection of its own. Rejects if there is no answer. */
export function ask(
  port: number,
  path: string,
  post?: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const method = post === undefined ? 'GET' : 'POST';
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      agent,
      headers: { ...post?.headers },
      timeout: ASK_LIMIT_MS,
    };
    const asking = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    asking.on('timeout', () => asking.destroy(new Error(`${path}: no answer in ${ASK_LIMIT_MS} ms`)));
    asking.on('error', reject);
    asking.end(post?.body);
  });
}

/** Asks the gateway for its report. */
export async function askReport(port: number): Promise<GatewayReport> {
  const { status, body } = await ask(port, '/admin/backends');
  if (status !== 200) throw new Error(`/admin/backends answered ${status}`);
  return JSON.parse(body) as GatewayReport;
}

/** Sends an ordinary chat. Resolves with its status. */
export async function askChat(port: number, marker: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-chaos-id': marker };
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], user: marker });
  const path = `/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&chaos=${marker}`;
  return (await ask(port, path, { body, headers })).status;
}

/** Reads the resources of a process. */
export function readHoldings(pid: number): ProcessHoldings {
  const descriptors = process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : Number.NaN;
  return { descriptors, residentBytes: readUsage(pid).residentBytes };
}
