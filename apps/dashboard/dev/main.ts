import { startDemoTraffic } from './demo-traffic.ts';
import { startDevPage } from './start-dev-page.ts';

/** The page of `pnpm dev`, with traffic so that it has something to show; with `DEMO_TRAFFIC=off` the page alone. */

await startDevPage({
  port: 8091,
  adminUrl: 'http://127.0.0.1:8090',
  mocks: new Map([
    ['eastus', 'http://127.0.0.1:8081'],
    ['swedencentral', 'http://127.0.0.1:8082'],
    ['westeurope', 'http://127.0.0.1:8083'],
  ]),
});
if (process.env['DEMO_TRAFFIC'] !== 'off') startDemoTraffic('http://127.0.0.1:8080');
