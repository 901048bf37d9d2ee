import type { ByteRange } from '../body/byte-range.ts';
import { findFormField, isForm } from '../body/form-field.ts';
import type { RequestContent } from './request-content.ts';

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
export function deploymentInBody(
  content: RequestContent,
  contentType: string | undefined,
): NamedDeployment | undefined {
  if (isForm(contentType)) return deploymentInForm(content.body, contentType);
  const { model } = content;
  return model && { name: model.name, place: { in: 'json', range: model.range } };
}

/** Finds the deployment that a realtime session's query names: as `model` on v1, as `deployment` before it. */
export function deploymentInQuery(path: string): NamedDeployment | undefined {
  const match = /[?&](?:model|deployment)=([^&#]+)/d.exec(path);
  const [start, end] = match?.indices?.[1] ?? [];
  if (start === undefined || end === undefined) return undefined;
  const [[, name = '']] = [...new URLSearchParams(`name=${path.slice(start, end)}`)] as [[string, string]];
  return name === '' ? undefined : { name, place: { in: 'path', range: { start, end } } };
}

function deploymentInForm(body: Buffer, contentType: string): NamedDeployment | undefined {
  const range = findFormField(body, contentType, 'model');
  const name = range && body.toString('utf8', range.start, range.end);
  return name && range ? { name, place: { in: 'form', range } } : undefined;
}
