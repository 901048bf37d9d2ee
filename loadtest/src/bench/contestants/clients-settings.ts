import { createHash } from 'node:crypto';
import { APPLICATION, AUDIENCE, Issuer, TENANT } from '../../process/issuer.ts';
import { clientKey } from '../backend/canned-messages.ts';

/** More than any benchmark can use. */
const PLENTY = 1_000_000_000;

/** Budgets with every limit. */
const budgets = [
  { tpm: PLENTY, rpm: 100_000_000, concurrent: 10_000, tokensPerDay: PLENTY, tokensPerMonth: PLENTY },
];

/** Starts an issuer of tokens that does not keep this process alive. */
export async function startIssuer(): Promise<Issuer> {
  const issuer = new Issuer();
  await issuer.listen();
  issuer.unref();
  return issuer;
}

/** Returns the gateway's configuration of two clients, one with a key and one with a token. */
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
