import { request } from 'node:http';

/** What the listener for operators has answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** How operators are asked for something. */
export interface AdminAsk {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The headers of what changes something. */
export const writing = { 'content-type': 'application/json', 'x-spillway-admin': '1' };

/** Asks the listener for operators; unlike `fetch` it sends whatever `Host` and `Origin` it is told. */
export function askAdmin(
  { adminUrl }: { readonly adminUrl: string },
  path: string,
  { method = 'GET', headers = {}, body }: AdminAsk = {},
): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(path, adminUrl), { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Asks for a change. */
export function writeAdmin(
  scene: { readonly adminUrl: string },
  path: string,
  body: unknown = {},
  method = 'POST',
): Promise<AdminAnswer> {
  return askAdmin(scene, path, { method, headers: writing, body: JSON.stringify(body) });
}
