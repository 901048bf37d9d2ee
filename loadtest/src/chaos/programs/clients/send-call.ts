import { Agent, request } from 'node:http';

/** A client's request. */
export interface Call {
  readonly path: string;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  /** When it leaves, whatever has come by then. */
  readonly leavesAfterMs?: number | undefined;
}

/** How a call ended. */
export interface CallEnd {
  /** Undefined if no answer began. */
  readonly status: number | undefined;
  /** Whether all of it came, including the last event of a stream. */
  readonly isWhole: boolean;
  readonly text: string;
  /** The request's id in the gateway's log. */
  readonly id: string | undefined;
}

/** No limit of the gateway is longer. */
const LIMIT_MS = 120_000;

const agent = new Agent({ keepAlive: true, maxSockets: 512 });

/** Sends a call and reads its answer to the end. Never rejects. */
export function sendCall(port: number, call: Call, onHead: () => void): Promise<CallEnd> {
  const body = JSON.stringify(call.body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...call.headers,
  };
  return new Promise((resolve) => {
    const asking = request({ host: '127.0.0.1', port, path: call.path, method: 'POST', agent, headers });
    const limit = setTimeout(() => asking.destroy(), Math.min(LIMIT_MS, call.leavesAfterMs ?? LIMIT_MS));
    const end = (ended: CallEnd) => {
      clearTimeout(limit);
      onHead();
      resolve(ended);
    };
    asking.on('error', (error) =>
      end({ status: undefined, isWhole: false, text: String(error), id: undefined }),
    );
    asking.on('response', (response) => {
      onHead();
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => {});
      response.on('close', () => {
        const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
        const isWhole = response.complete && (!isStream || text.includes('data: [DONE]'));
        const id = response.headers['x-spillway-request-id']?.toString();
        end({ status: response.statusCode, isWhole, text, id });
      });
    });
    asking.end(body);
  });
}

/** Ends the kept connections. */
export function endCalls(): void {
  agent.destroy();
}
