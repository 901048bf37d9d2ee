import { createHash } from 'node:crypto';
import { APPLICATION, AUDIENCE, Issuer, TENANT } from '../../process/issuer.ts';
import { clientKey } from '../backend/canned-messages.ts';

/** As many as no benchmark can take. */
const PLENTY = 1_000_000_000;

/** Budgets with every limit. */
const budgets = [
  { tpm: PLENTY, rpm: 100_000_000, concurrent: 10_000, tokensPerDay: PLENTY, tokensPerMonth: PLENTY },
];

/** Starts an issuer of tokens, which is no reason for this process to go on. */
export async function startIssuer(): Promise<Issuer> {
  const issuer = new Issuer();
  await issuer.listen();
  issuer.unref();
  return issuer;
}

/** Returns what the gateway is told of two clients, of which one has a key and the other a token. */
export function clientsSettings({ url }: Issuer): Readonly<Record<string, unknown>> {
  const sha256 = createHash('sha256').update(clientKey).digest('hex');
  return {
    auth: { mode: 'both', entra: { tenants: [TENANT], audiences: [AUDIENCE], authority: url } },
    clients: [
      { name: 'keyed', keys: [{ sha256 }], budgets },
      { name: 'robot', entra: { applications: [APPLICATION] }, budgets },
    ],
  };
}
