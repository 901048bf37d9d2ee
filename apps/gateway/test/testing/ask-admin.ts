import { request } from 'node:http';

/** An answer of the operators' listener. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The parts of an operator's request. */
export interface AdminAsk {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The headers of a request that changes something. */
export const writing = { 'content-type': 'application/json', 'x-spillway-admin': '1' };

/** Sends a request to the operators' listener; unlike `fetch` it sends any `Host` and `Origin`. */
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

/** Requests a change. */
export function writeAdmin(
  scene: { readonly adminUrl: string },
  path: string,
  body: unknown = {},
  method = 'POST',
): Promise<AdminAnswer> {
  return askAdmin(scene, path, { method, headers: writing, body: JSON.stringify(body) });
}
