import { expect, test } from 'vitest';
import { describeListenError } from './listen-error.ts';

const address = { host: '127.0.0.1', port: 8080 };
const nowhere = () => undefined;
const inFile = (path: readonly PropertyKey[]) => `gateway.yaml:3 ${path.join('.')}`;

test.each([
  [
    'EADDRINUSE',
    nowhere,
    { key: 'PORT', found: '8080, the default, which another process uses on 127.0.0.1 (EADDRINUSE)' },
  ],
  [
    'EADDRINUSE',
    inFile,
    { key: 'gateway.yaml:3 port', found: '8080, which another process uses on 127.0.0.1 (EADDRINUSE)' },
  ],
  ['EACCES', inFile, { key: 'gateway.yaml:3 port', allowed: 'a port from 1024 up, such as 8080' }],
  ['EADDRNOTAVAIL', inFile, { key: 'gateway.yaml:3 host', found: '"127.0.0.1" (EADDRNOTAVAIL)' }],
  ['ENOTFOUND', nowhere, { key: 'HOST', allowed: expect.stringContaining('0.0.0.0') }],
])('what keeps the gateway from listening, %s, is told where it can be changed', (code, placeOf, told) => {
  expect(describeListenError(Object.assign(new Error(), { code }), address, placeOf)).toMatchObject(told);
});
