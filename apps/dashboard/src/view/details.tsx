import type { ActionName, DeploymentSnapshotState, StateSnapshot } from '../admin-types.ts';
import { formatCount, formatLatency, formatPercent } from '../words/numbers.ts';
import { describeStanding, isCooldown } from '../words/states.ts';
import type { Subject } from '../words/effect.ts';
import { Close, Gone } from './gone.tsx';
import { Icon } from './icons.tsx';
import type { App } from './ui-state.ts';

/** A backend's deployments one by one, with an operator's possible actions. */
export function Details({
  app,
  snapshot,
  name,
  onClose,
}: {
  readonly app: App;
  readonly snapshot: StateSnapshot;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const backend = snapshot.backends.find((one) => one.name === name);
  if (backend === undefined) return <Gone name={name} onClose={onClose} />;
  const ask: Ask = (action, subject) => (app.ui.dialog.value = { kind: 'confirm', action, subject });
  return (
    <>
      <h2 id="dialog-title">{name}</h2>
      <p class="dialog-facts">
        Priority {backend.priority} · weight {backend.weight} · {backend.inFlight} in flight ·{' '}
        <StandingText standing={backend} />
      </p>
      <Actions standing={backend} subject={{ backend: name }} of={name} onAsk={ask} />
      {backend.deployments.length === 0 && <p class="empty">It has not served any deployment yet.</p>}
      <ul class="deployments">
        {backend.deployments.map((deployment) => (
          <Deployment key={deployment.name} backend={name} deployment={deployment} onAsk={ask} />
        ))}
      </ul>
      {backend.deploymentsLeftOut !== undefined && <p>{backend.deploymentsLeftOut} more are not shown.</p>}
      <Close onClose={onClose} />
    </>
  );
}

type Ask = (action: ActionName, subject: Subject) => void;

function Deployment({
  backend,
  deployment,
  onAsk,
}: {
  readonly backend: string;
  readonly deployment: DeploymentSnapshotState;
  readonly onAsk: Ask;
}) {
  const { name } = deployment;
  return (
    <li>
      <div class="deployment-head">
        <h3>{name}</h3>
        <StandingText standing={deployment} />
      </div>
      <p>{factsText(deployment)}</p>
      <Actions standing={deployment} subject={{ backend, deployment: name }} of={name} onAsk={onAsk} />
    </li>
  );
}

type Standing = Parameters<typeof describeStanding>[0];

function StandingText({ standing }: { readonly standing: Standing }) {
  const { state, word, detail } = describeStanding(standing);
  return (
    <span class={`state state-${state}`}>
      <Icon name={state} />
      {detail === '' ? word : `${word}, ${detail}`}
    </span>
  );
}

function Actions({
  standing,
  subject,
  of,
  onAsk,
}: {
  readonly standing: Standing;
  readonly subject: Subject;
  readonly of: string;
  readonly onAsk: Ask;
}) {
  const isDrained = standing.state === 'draining';
  return (
    <div class="actions">
      {isCooldown(standing) && (
        <button
          type="button"
          aria-label={`Clear cooldown of ${of}`}
          onClick={() => onAsk('clear-cooldown', subject)}
        >
          Clear cooldown
        </button>
      )}
      <button
        type="button"
        aria-label={`${isDrained ? 'Undrain' : 'Drain'} ${of}`}
        onClick={() => onAsk(isDrained ? 'undrain' : 'drain', subject)}
      >
        {isDrained ? 'Undrain' : 'Drain'}
      </button>
    </div>
  );
}

function factsText(deployment: DeploymentSnapshotState): string {
  const { rpm, tpm, absorbed429s, p50Ms, p95Ms, limitTokens, remainingTokens, utilization } = deployment;
  const facts = [`${formatCount(rpm)} req/min`, `${formatCount(tpm)} tokens/min`];
  if (limitTokens !== undefined && remainingTokens !== undefined)
    facts.push(`${formatCount(remainingTokens)} of ${formatCount(limitTokens)} tokens left`);
  if (utilization !== undefined) facts.push(`${formatPercent(utilization)} of PTU`);
  if (p50Ms !== undefined && p95Ms !== undefined)
    facts.push(`p50 ${formatLatency(p50Ms)}, p95 ${formatLatency(p95Ms)}`);
  facts.push(`${formatCount(absorbed429s)} 429s absorbed`);
  return facts.join(' · ');
}
