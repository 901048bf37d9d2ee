import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { listenOn } from './listen-on.ts';

export const TENANT = '11111111-2222-3333-4444-555555555555';
export const APPLICATION = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
export const AUDIENCE = 'https://cognitiveservices.azure.com';

interface SigningPair {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A stand-in for Microsoft Entra ID whose signing keys change: it signs with the last and publishes the last two. */
export class Issuer {
  #pairs: SigningPair[] = [];
  #token = '';
  #number = 0;
  url = '';
  readonly #server = createServer((request, response) => {
    if (request.url !== `/${TENANT}/discovery/v2.0/keys`) return void response.writeHead(404).end();
    const keys = this.#pairs.map(({ id, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: id,
      use: 'sig',
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });

  constructor() {
    this.rotate();
  }

  /** The token of the application, signed with the newest key. */
  get token(): string {
    return this.#token;
  }

  /** How many keys it has had. */
  get keys(): number {
    return this.#number;
  }

  async listen(): Promise<void> {
    this.url = await listenOn(this.#server);
  }

  /** Signs with another key from now on. */
  rotate(): void {
    const id = `key-${(this.#number += 1)}`;
    this.#pairs = [...this.#pairs.slice(-1), { id, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }];
    this.#token = this.#sign(this.#pairs.at(-1) as SigningPair);
  }

  /** Lets the process end although it is listening. */
  unref(): void {
    this.#server.unref();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #sign({ id, privateKey }: SigningPair): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      ver: '2.0',
      azp: APPLICATION,
      aud: AUDIENCE,
      tid: TENANT,
      iat: now,
      nbf: now,
      exp: now + 3600,
    };
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: id })}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
