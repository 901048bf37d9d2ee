import type { StateSnapshot } from '../admin-types.ts';
import { deploymentNames } from './ui-state.ts';

/** Where nothing has been served yet: what to try. */
export function NoTraffic({ snapshot }: { readonly snapshot: StateSnapshot }) {
  const deployment = deploymentNames(snapshot)[0] ?? 'gpt-4o';
  const command = [
    `curl -i '${gatewayUrl()}/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21'`,
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

/** The gateway's clients come to another port than this page; 8080 unless it is configured. */
function gatewayUrl(): string {
  return `http://${location.hostname}:8080`;
}
