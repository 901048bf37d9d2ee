import { z } from 'zod';
import { flag, mapOf, oneOf, text, trimmed, wholeNumber } from './fields.ts';

const GUID = 'a GUID such as 00000000-0000-0000-0000-000000000000';
const TENANTS = 'a list of the GUIDs of tenants';
const AUDIENCES = 'a list of audiences such as https://cognitiveservices.azure.com, api://… or a GUID';
const AUTHORITY = 'an http:// or https:// URL without credentials or a query';

/** A GUID, in lower case. */
export function guid() {
  return trimmed(/^[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}$/, GUID)
    .transform((text) => text.toLowerCase())
    .meta({ allowed: GUID });
}

const entra = mapOf({
  tenants: z
    .array(guid(), TENANTS)
    .min(1, TENANTS)
    .meta({ allowed: TENANTS })
    .describe('The tenants whose tokens are accepted; all others are refused.'),
  audiences: z
    .array(text(), AUDIENCES)
    .min(1, AUDIENCES)
    .meta({ allowed: AUDIENCES })
    .describe(
      'The accepted values of a token’s `aud`. Clients of Azure OpenAI ask for tokens for ' +
        '`https://cognitiveservices.azure.com`; an application registered for the gateway is more specific. A slash at the end ' +
        'makes no difference.',
    ),
  authority: z
    .string(AUTHORITY)
    .trim()
    .refine(isAuthority, AUTHORITY)
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({ allowed: AUTHORITY, pattern: '^\\s*[Hh][Tt][Tt][Pp][Ss]?:[^?#]+$' })
    .default('https://login.microsoftonline.com')
    .describe('The authority of the tenants’ cloud: the signing keys of tokens are read from it.'),
});

function isAuthority(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

/** The authentication of clients. */
export const auth = mapOf({
  mode: oneOf(['open', 'keys', 'entra', 'both'])
    .describe(
      'How clients authenticate: not at all, by keys, by tokens of Microsoft Entra ID, or by either. Default: what `clients` ' +
        'have, or `open` if there are none.',
    )
    .optional(),
  allowOpen: flag()
    .default(false)
    .describe(
      'Confirms that clients need not authenticate although other machines can reach `host`. Anyone who reaches it can spend ' +
        'the backends’ quota.',
    ),
  maxFailuresPerMinute: wholeNumber(1, 1_000_000)
    .default(60)
    .describe(
      'Failed authentications of one address (with IPv6, one /64) in a minute; further ones get a 429. Requests with a valid ' +
        'credential are never refused for this. The address is that of the connection: behind a proxy, all clients share one.',
    ),
  entra: entra.describe('The tokens of Microsoft Entra ID that are accepted.').optional(),
});
