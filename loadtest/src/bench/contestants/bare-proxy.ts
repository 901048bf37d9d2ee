/** A process that proxies with Express and undici's `dispatch()` and does nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Pool } from 'undici';
import { relayRequest } from './relay-request.ts';

const pool = new Pool(process.env['BACKEND_URL'] ?? '', { allowH2: false });
const app = express();
app.disable('x-powered-by');
app.use((request, response) => relayRequest(pool, request, response));

const server = createServer(app);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
