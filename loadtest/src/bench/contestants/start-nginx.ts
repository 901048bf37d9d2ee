import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { scratchFolder, startProcess, type RunningProcess } from '../../process/start-process.ts';

/** Returns the version of the nginx on the path, or `undefined` if there is none. */
export function nginxVersion(): string | undefined {
  return /nginx\/(\S+)/.exec(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr ?? '')?.[1];
}

/** Starts one nginx worker that fails over as the gateway does: on 429, errors and timeouts, streams unbuffered. */
export async function startNginx(backendUrls: readonly string[], cpu?: number): Promise<RunningProcess> {
  const port = await freePort();
  const folder = join(scratchFolder(), `nginx-${port}`);
  mkdirSync(folder);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config(folder, port, backendUrls));
  const url = `http://127.0.0.1:${port}`;
  const args = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  return startProcess({ name: 'nginx', command: 'nginx', args, cpu, url });
}

/** Finds a free port on the loopback interface; nginx cannot choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function config(folder: string, port: number, backendUrls: readonly string[]): string {
  const servers = backendUrls.map(
    (url, index) => `server ${new URL(url).host}${index === 0 ? '' : ' backup'};`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `
daemon off;
master_process off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 16384; }
http {
  access_log ${join(folder, 'access.log')};
  ${temporary.join('\n  ')}
  keepalive_requests 100000000;
  upstream backends {
    ${servers.join('\n    ')}
    keepalive 64;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://backends;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header api-key backend-key;
      proxy_buffering off;
      proxy_next_upstream error timeout http_429 non_idempotent;
    }
  }
}
`;
}
