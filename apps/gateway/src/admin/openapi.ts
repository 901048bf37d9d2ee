import { z } from 'zod';
import { version } from '../version.ts';
import { errorAnswer } from './admin-error.ts';
import { type Endpoint, endpoints } from './endpoints.ts';
import { WRITE_HEADER } from './guard.ts';

type Json = Readonly<Record<string, unknown>>;

/** The path of the document itself. */
export const OPENAPI_PATH = '/admin/openapi.json';

/** So that clients made from the document send it. */
const WRITE_PARAMETER = {
  name: WRITE_HEADER,
  in: 'header',
  required: true,
  description: 'Any value. No form can send it.',
  schema: { type: 'string' },
};

const ERROR = { $ref: '#/components/schemas/Error' };

/**
 * Describes all endpoints for operators, as an OpenAPI 3.1 document. Its server is relative, for proxies with a prefix.
 */
export function describeApi(cookieName: string): Json {
  const paths: Record<string, Record<string, Json>> = {
    [OPENAPI_PATH]: {
      get: operation({ method: 'get', summary: 'This document.', answer: z.looseObject({}) }),
    },
  };
  for (const endpoint of endpoints)
    (paths[endpoint.path] ??= parametersOf(endpoint.path))[endpoint.method] = operation(endpoint);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spillway, for operators',
      version,
      description: `A request that changes something needs JSON and a header \`${WRITE_HEADER}\`.`,
    },
    servers: [{ url: '..' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Error: schemaOf(errorAnswer) },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: cookieName },
      },
    },
  };
}

function operation({
  method,
  summary,
  isOpen,
  query = {},
  body,
  answer,
  contentTypes = ['application/json'],
  errors = [],
}: Omit<Endpoint, 'path' | 'serve'>): Json {
  const parameters = [
    ...(method === 'get' ? [] : [WRITE_PARAMETER]),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema: schemaOf(schema) })),
  ];
  const schema = answer && schemaOf(answer);
  const content = schema && Object.fromEntries(contentTypes.map((type) => [type, { schema }]));
  const statuses = [...new Set([401, 403, ...errors])].map((status) => [
    String(status),
    { description: DESCRIPTIONS[status] ?? 'Error', content: { 'application/json': { schema: ERROR } } },
  ]);
  return {
    summary,
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: {
      [content ? '200' : '204']: { description: 'OK', ...(content && { content }) },
      ...Object.fromEntries(statuses),
    },
  };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The body or the query is invalid',
  401: 'A valid token is needed',
  403: 'The Host or Origin is not allowed, or the header that no form can send is missing',
  404: 'There is no such backend or deployment; the message lists them',
  409: 'That is not possible here; the message says why',
  413: 'The body is too large',
  415: 'The body is not JSON',
  503: 'Too many viewers',
};

function parametersOf(path: string): Record<string, Json> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.length === 0) return {};
  const parameters = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return { parameters: parameters as unknown as Json };
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}
