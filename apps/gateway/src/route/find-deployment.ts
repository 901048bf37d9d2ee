import type { ByteRange } from '../body/byte-range.ts';
import { findFormField, isForm } from '../body/form-field.ts';
import { readJsonString, scanJson } from '../body/scan-json.ts';

/** The deployment's name in the path (query included, offsets in characters), or in a JSON or form body (in bytes). */
export interface DeploymentPlace {
  readonly in: 'path' | 'json' | 'form';
  readonly range: ByteRange;
}

/** A deployment that a request names, and where it does. */
export interface NamedDeployment {
  readonly name: string;
  readonly place: DeploymentPlace;
}

/** Finds the deployment that the body names as its `model`, in JSON or in a form. */
export function deploymentInBody(body: Buffer, contentType: string | undefined): NamedDeployment | undefined {
  return isForm(contentType) ? deploymentInForm(body, contentType) : deploymentInJson(body);
}

/** Finds the deployment that a realtime session's query names: as `model` on v1, as `deployment` before it. */
export function deploymentInQuery(path: string): NamedDeployment | undefined {
  const match = /[?&](?:model|deployment)=([^&#]+)/d.exec(path);
  const [start, end] = match?.indices?.[1] ?? [];
  if (start === undefined || end === undefined) return undefined;
  const [[, name = '']] = [...new URLSearchParams(`name=${path.slice(start, end)}`)] as [[string, string]];
  return name === '' ? undefined : { name, place: { in: 'path', range: { start, end } } };
}

function deploymentInJson(body: Buffer): NamedDeployment | undefined {
  const range = scanJson(body, ['model']).get('model');
  const name = readJsonString(body, range);
  return name && range ? { name, place: { in: 'json', range } } : undefined;
}

function deploymentInForm(body: Buffer, contentType: string): NamedDeployment | undefined {
  const range = findFormField(body, contentType, 'model');
  const name = range && body.toString('utf8', range.start, range.end);
  return name && range ? { name, place: { in: 'form', range } } : undefined;
}
