import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { throttleMocks } from './throttle-mocks.ts';

/** Where the page of `pnpm dev` is served, and the servers it uses. */
export interface DevPageOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Of the gateway's listener for operators. */
  readonly adminUrl: string;
  /** Addresses of mock backends, by their names in the gateway's configuration. */
  readonly mocks: ReadonlyMap<string, string>;
}

/** The page in development: read from its sources, redrawn when they change, with buttons that throttle mocks. */
export interface DevPage {
  readonly url: string;
  close(): Promise<void>;
}

export async function startDevPage({ port, adminUrl, mocks }: DevPageOptions): Promise<DevPage> {
  const admin = {
    target: adminUrl,
    changeOrigin: true,
    // To the gateway these requests seem to come from its own page.
    headers: { origin: new URL(adminUrl).origin },
  };
  const server = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'error',
    clearScreen: false,
    plugins: [throttleMocks(mocks)],
    // Otherwise they are discovered one by one, and the page is reloaded each time.
    optimizeDeps: { include: ['preact', 'preact/hooks', '@preact/signals', 'chart.js'] },
    server: {
      host: '127.0.0.1',
      port,
      strictPort: true,
      proxy: { '/admin': admin, '/metrics': admin },
    },
  });
  await server.listen();
  const [url = ''] = server.resolvedUrls?.local ?? [];
  return { url, close: () => server.close() };
}
