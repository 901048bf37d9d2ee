import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { RowServer } from './failure-row.ts';

/** Starts a server whose certificate nobody has signed but itself. */
export async function selfSigned(): Promise<RowServer> {
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Made for this server and used nowhere else. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfxkC8T+xw3JuSvXz
mxXBSTTna8y4fURgZ9RAijsOdLuhRANCAAQHu3hRWdXPQUY1itaJUDM1nxoEqd8V
7jwYcxFt0GzF0Elq0emJJO8gODaNk5GbnAqXjFowVdZxpi7hk4b5Icdv
-----END PRIVATE KEY-----`;

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUBBKozLKClVFxHBGZs76XVOrm0lUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzIwMjM0M1oYDzIxMjYxMDMw
MjAyMzQzWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQHu3hRWdXPQUY1itaJUDM1nxoEqd8V7jwYcxFt0GzF0Elq0emJJO8g
ODaNk5GbnAqXjFowVdZxpi7hk4b5Icdvo2QwYjAdBgNVHQ4EFgQUf9LxVXe444Ll
3Qmb+Mg5I2qTJ+gwHwYDVR0jBBgwFoAUf9LxVXe444Ll3Qmb+Mg5I2qTJ+gwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQDE+McEWVNDPs7RYr9AMBaPR6iaCYRRgBjk3EvojqTWKwIhAMJ/00mEmRZIO84F
n+KofVHJ7vUY11e1hN/ABX8SFTNC
-----END CERTIFICATE-----`;
