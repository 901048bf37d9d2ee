import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { StateSnapshot } from '../admin-types.ts';
import { fetchClientPort } from '../feed/admin-api.ts';
import { type App, deploymentNames } from './ui-state.ts';

const DEFAULT_PORT = 8080;

/** Shown while nothing has been served yet: suggestions of what to try. */
export function NoTraffic({ app, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  const port = useSignal(DEFAULT_PORT);
  useEffect(() => {
    void fetchClientPort(app.base).then((known) => (port.value = known ?? DEFAULT_PORT));
  }, []);
  const deployment = deploymentNames(snapshot)[0] ?? 'gpt-4o';
  const gateway = `http://${location.hostname}:${port.value}`;
  const command = [
    `curl -i '${gateway}/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21'`,
    `  -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"Hello"}]}'`,
  ].join(' \\\n');
  return (
    <section class="card no-traffic" aria-labelledby="no-traffic-title">
      <h2 id="no-traffic-title">No requests yet</h2>
      <p>Point a client at the gateway, or try:</p>
      <pre tabIndex={0} aria-label="A command to try">
        {command}
      </pre>
    </section>
  );
}
