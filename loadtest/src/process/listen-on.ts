import type { AddressInfo, Server } from 'node:net';

/** Starts a server on a port of the system's choice. Resolves with its URL. */
export async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
