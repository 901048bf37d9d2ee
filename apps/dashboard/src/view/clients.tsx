import type { ClientSnapshot, StateSnapshot } from '../admin-types.ts';
import { describeLimit, isOverBudget, type LimitText } from '../words/clients.ts';
import { formatCount } from '../words/numbers.ts';

/** The clients, with the remainder of their budgets; the fullest, and those that take the most tokens, first. Nothing where clients are not told apart. */
export function Clients({
  snapshot: { clients = [], clientsLeftOut },
}: {
  readonly snapshot: Pick<StateSnapshot, 'clients' | 'clientsLeftOut'>;
}) {
  if (clients.length === 0) return null;
  return (
    <section class="card clients-card" aria-labelledby="clients-title">
      <header class="card-header">
        <h2 id="clients-title">Clients</h2>
        {clientsLeftOut !== undefined && (
          <p class="ago">
            The {clients.length} that use most; {formatCount(clientsLeftOut)} more are not shown.
          </p>
        )}
      </header>
      <ul class="clients" tabIndex={0} aria-label="Clients, those that use most first">
        {clients.map((client) => (
          <Client key={client.name} client={client} />
        ))}
      </ul>
    </section>
  );
}

function Client({ client }: { readonly client: ClientSnapshot }) {
  const { name, inFlight, rpm, tpm = 0, refused, limits, limitsLeftOut } = client;
  const isOver = isOverBudget(client);
  return (
    <li class={isOver ? 'client is-over' : 'client'} data-client={name}>
      <div class="client-head">
        <h3>
          <bdi>{name}</bdi>
        </h3>
        {isOver && <span class="reason">over its budget</span>}
      </div>
      {limits.length === 0 ? (
        <p class="meter-text">no budget</p>
      ) : (
        <ul class="client-limits">
          {limits.map((limit, place) => (
            <Limit key={place} limit={describeLimit(limit)} />
          ))}
          {limitsLeftOut !== undefined && <li class="meter-text">{limitsLeftOut} more limits</li>}
        </ul>
      )}
      <dl class="client-facts">
        <Fact name="in flight" value={inFlight === undefined ? '–' : formatCount(inFlight)} />
        <Fact name="req/min" value={formatCount(rpm)} />
        <Fact name="refused/min" value={formatCount(refused)} isBad={refused > 0} />
        <Fact name="tokens/min" value={formatCount(tpm)} />
      </dl>
    </li>
  );
}

function Limit({ limit }: { readonly limit: LimitText }) {
  const { text, deployments, deploymentsLeftOut, reset, share, isHigh, isSpent } = limit;
  return (
    <li class="meter">
      <div class="meter-track" aria-hidden="true">
        <div
          class={`meter-used${isHigh ? ' is-high' : ''}${isSpent ? ' is-spent' : ''}`}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p class="meter-text">
        <span>{text}</span>
        {deployments.length > 0 && (
          <>
            {' of '}
            {deployments.map((name, place) => (
              <span key={place}>
                {place > 0 && ', '}
                <bdi>{name}</bdi>
              </span>
            ))}
            {deploymentsLeftOut > 0 && ` and ${deploymentsLeftOut} more`}
          </>
        )}
        {reset !== '' && `, ${reset}`}
      </p>
    </li>
  );
}

function Fact({
  name,
  value,
  isBad = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly isBad?: boolean;
}) {
  return (
    <div class={isBad ? 'is-bad' : ''}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
