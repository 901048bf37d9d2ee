import { z } from 'zod';
import { flag, mapOf, wholeNumber } from './fields.ts';

const DAY_IN_SECONDS = 86_400;
const ORIGINS = "a list of origins such as ['https://app.example.com'], or ['*'] for any";

/** The access of web pages. */
export const cors = mapOf({
  allowedOrigins: z
    .array(origin(), ORIGINS)
    .min(1, ORIGINS)
    .meta({ allowed: ORIGINS })
    .describe(
      'Web pages of these origins may call the gateway from a browser. It answers their preflight requests itself, and sets ' +
        'the CORS headers of every answer, errors included, instead of the backend’s. Default: preflight requests go to a ' +
        'backend, and the CORS headers of its answers are left as they are; where there are `clients`, preflight requests ' +
        'get a 401, as browsers send them without a credential.',
    ),
  allowCredentials: flag()
    .default(false)
    .describe('Whether pages may send cookies; no backend gets them. Not with the origin `*`.'),
  maxAgeSeconds: wholeNumber(0, DAY_IN_SECONDS)
    .default(600)
    .describe('How long a browser may remember the answer to a preflight request.'),
}).refine(({ allowedOrigins, allowCredentials }) => !(allowCredentials && allowedOrigins.includes('*')), {
  message: 'false with the origin *, as any web page could act for its visitors',
  path: ['allowCredentials'],
});

/** A path prefix, with a slash before it and none after it. */
export function basePath() {
  const allowed = 'a path of letters, digits, dots, dashes and underscores, such as /openai-load-balancing';
  return z
    .string(allowed)
    .trim()
    .transform((path) => path.replace(/\/+$/, '').replace(/^(?=[^/])/, '/'))
    .refine((path) => /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/.test(path), allowed)
    .meta({ allowed, pattern: '^\\s*[\\w.~/-]*\\s*$' });
}

/** Browsers send an origin without a path, in lower case and without the default port. */
function origin() {
  const allowed = 'an origin such as https://app.example.com, or *';
  return z
    .string(allowed)
    .trim()
    .refine((text) => text === '*' || (URL.canParse(text) && isOrigin(new URL(text))), allowed)
    .transform((text) => (text === '*' ? text : originOf(new URL(text))))
    .meta({ allowed, pattern: '^\\s*(?:\\*|[A-Za-z][A-Za-z\\d+.-]*:[^?#@]+)\\s*$' });
}

function isOrigin({ pathname, search, hash, username, host }: URL): boolean {
  return (pathname === '/' || pathname === '') && search + hash + username === '' && host !== '';
}

/** For schemes such as a browser extension's, the parser gives the origin as "null". */
function originOf({ origin, protocol, host }: URL): string {
  return origin === 'null' ? `${protocol}//${host}` : origin;
}
