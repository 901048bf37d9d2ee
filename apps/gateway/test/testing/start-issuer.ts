import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { startHttpBackend } from './start-backend.ts';

export const TENANT = '11111111-2222-3333-4444-555555555555';
export const APPLICATION = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
export const AUDIENCE = 'https://cognitiveservices.azure.com';

interface SigningPair {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The parts of a test's token; those left out are valid. */
export interface TokenParts {
  readonly version?: 1 | 2;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: SigningPair;
  /** Signs with a secret instead. */
  readonly secret?: string;
}

/** An imitation of Microsoft Entra ID, on this machine. */
export class TestIssuer {
  url = '';
  isDown = false;
  /** The number of times that the keys have been fetched. */
  fetches = 0;
  /** The keys that it publishes; it signs with the first. */
  keys: SigningPair[] = [makePair('key-1')];

  /** Replaces its keys. */
  rotate(id: string): void {
    this.keys = [makePair(id)];
  }

  /** Creates a token like Entra's, except for the parts that a test gives. */
  token({ version = 2, header, claims, key = this.keys[0] as SigningPair, secret }: TokenParts = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const own =
      version === 1
        ? { iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0', appid: APPLICATION }
        : { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, ver: '2.0', azp: APPLICATION };
    const times = { iat: now, nbf: now, exp: now + 3600 };
    const payload = { aud: AUDIENCE, tid: TENANT, ...times, ...own, ...claims };
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: key.id, ...header })}.${encode(payload)}`;
    const signature =
      secret === undefined
        ? sign('sha256', Buffer.from(signed), key.privateKey)
        : createHmac('sha256', secret).update(signed).digest();
    return `${signed}.${signature.toString('base64url')}`;
  }
}

/** Starts an issuer, until the test ends. */
export async function startIssuer(): Promise<TestIssuer> {
  const issuer = new TestIssuer();
  const { url } = await startHttpBackend((req, res) => {
    if (issuer.isDown) return void res.writeHead(503).end();
    const isKeys = req.url === `/${TENANT}/discovery/v2.0/keys`;
    if (!isKeys) return void res.writeHead(404).end();
    issuer.fetches++;
    const keys = issuer.keys.map(({ id, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: id,
      use: 'sig',
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
    }));
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  issuer.url = url;
  return issuer;
}

export function makePair(id: string): SigningPair {
  return { id, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
