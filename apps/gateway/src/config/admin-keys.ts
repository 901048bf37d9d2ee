import { z } from 'zod';
import { mapOf, text, trimmed, wholeNumber } from './fields.ts';
import { isLoopback } from './loopback.ts';

const HOSTS = 'a list of host names such as ops.example.com, without a scheme, port or *';
const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*$/;
const OFF_OR_MAP = '`false` for none, or a map';
const TOKEN = 'a text of at least 16 printable characters without spaces';

const listener = mapOf({
  host: text()
    .default('127.0.0.1')
    .describe(
      'The address of the listener for operators: metrics, state and actions. Any address but a loopback one needs ' +
        '`admin.token`.',
    ),
  port: wholeNumber(0, 65_535)
    .default(8090)
    .describe('The port of the listener for operators; 0 for any free one.'),
  token: trimmed(/^[\x21-\x7e]{16,}$/, TOKEN)
    .describe(
      'The token that operators and metrics scrapers must send as `Authorization: Bearer …`. Default: none is required.',
    )
    .optional(),
  allowedHosts: z
    .array(trimmed(HOST_NAME, HOSTS), HOSTS)
    .default([])
    .meta({ allowed: HOSTS })
    .describe(
      'Host names that the listener for operators accepts, besides `localhost` and any IP address. Any other `Host` is ' +
        'refused, because a web page may have led a browser there under a name of its own.',
    ),
}).refine(({ host, token }) => token !== undefined || isLoopback(host), {
  path: ['token'],
  message: `${TOKEN}, as anyone may reach an address other than 127.0.0.1, ::1 or localhost`,
});

/** The listener for operators, or `false` for none. */
export const admin = z.union([z.literal(false), listener], OFF_OR_MAP).meta({ allowed: OFF_OR_MAP });
