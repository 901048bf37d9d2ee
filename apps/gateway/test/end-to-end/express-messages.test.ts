import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { messageClassesOf } from '../../src/server/express-messages.ts';

it('the server makes requests and responses that Express takes as they are', async () => {
  const app = express();
  const before: (object | null)[] = [];
  const after: (object | null)[] = [];
  app.use((req, res) => {
    after.push(Object.getPrototypeOf(req) as object, Object.getPrototypeOf(res) as object);
    res.status(201).json({ host: req.get('host'), path: req.path, query: req.query, app: req.app === app });
  });
  const server = createServer(messageClassesOf(app));
  server.on('request', (req, res) => {
    before.push(Object.getPrototypeOf(req) as object, Object.getPrototypeOf(res) as object);
    app(req, res);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const answer = await fetch(`http://${host}/where?it=goes`);

  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ host, path: '/where', query: { it: 'goes' }, app: true });
  for (const prototypes of [before, after]) {
    expect(prototypes[0]).toBe(app.request);
    expect(prototypes[1]).toBe(app.response);
  }
});
