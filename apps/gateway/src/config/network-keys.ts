import { mapOf, secret, text } from './fields.ts';

const PEM = 'A file in PEM format, or its text.';

/** The certificates of connections to a backend. */
export const backendTls = mapOf({
  ca: text()
    .describe(`The authorities trusted to sign the backend’s certificate, instead of Node’s own. ${PEM}`)
    .optional(),
  cert: text().describe(`The gateway’s certificate, if the backend asks for one. ${PEM}`).optional(),
  key: text().describe(`The key of that certificate. ${PEM}`).optional(),
});

/** The certificate that the gateway presents to its clients. */
export const serverTls = mapOf({
  cert: text().describe(`The gateway’s certificate, with its intermediate certificates. ${PEM}`),
  key: text().describe(
    `Its key. ${PEM} Files are checked every few seconds: a new pair serves new connections.`,
  ),
});

/** A file with one secret, checked for changes every second. */
export function keyFile(description: string) {
  return text().describe(`${description} [How it is renewed](credentials.md).`).optional();
}

/** How the gateway identifies itself to a backend without a key. */
export const entraKeys = {
  tokenScope: text()
    .describe(
      'The scope of Microsoft Entra ID tokens. Default: that of Azure OpenAI in the endpoint’s cloud; Foundry projects need ' +
        '`https://ai.azure.com/.default`.',
    )
    .optional(),
  identity: mapOf({
    clientId: text().describe('The managed or workload identity, or the application (service principal).'),
    tenantId: text().describe('The tenant of the application.').optional(),
    clientSecret: secret()
      .describe('The secret of the application. Without one the identity is managed.')
      .optional(),
    clientSecretFile: keyFile('The secret of the application, in a file. Instead of `clientSecret`.'),
  })
    .refine(
      ({ tenantId, clientSecret, clientSecretFile }) =>
        (clientSecret ?? clientSecretFile) === undefined || tenantId !== undefined,
      { path: ['tenantId'], message: 'the tenant of the application whose secret this is' },
    )
    .describe('The identity that gets the tokens. Default: that of `DefaultAzureCredential`.')
    .optional(),
};
