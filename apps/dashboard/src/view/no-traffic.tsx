import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { StateSnapshot } from '../admin-types.ts';
import { type ClientSide, fetchClientSide } from '../feed/admin-api.ts';
import { type App, deploymentNames } from './ui-state.ts';

const DEFAULT_PORT = 8080;

/** Shown while nothing is served: suggestions of what to try. */
export function NoTraffic({ app, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  const side = useSignal<ClientSide | undefined>(undefined);
  useEffect(() => {
    void fetchClientSide(app.base).then((known) => (side.value = known));
  }, []);
  const deployment = deploymentNames(snapshot)[0] ?? 'gpt-4o';
  const { scheme = 'http', port = DEFAULT_PORT, credential }: Partial<ClientSide> = side.value ?? {};
  const gateway = `${scheme}://${location.hostname}:${port}`;
  const command = [
    `curl -i '${gateway}/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21'`,
    ...(credential === undefined ? [] : [`  -H '${credential}'`]),
    `  -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"Hello"}]}'`,
  ].join(' \\\n');
  return (
    <section class="card no-traffic" aria-labelledby="no-traffic-title">
      <h2 id="no-traffic-title">No requests in the last minute</h2>
      <p>Point a client at the gateway, or try:</p>
      <pre tabIndex={0} aria-label="A command to try">
        {command}
      </pre>
    </section>
  );
}
