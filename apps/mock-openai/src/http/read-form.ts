/** A file in a form. */
export interface FormFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The contents of a multipart body: its fields (a name that occurs twice has a list of values) and its files. */
export interface Form {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, FormFile>>;
}

/** Whether a request's content type says that its body is a form. */
export function isForm(contentType: string | undefined): contentType is string {
  return contentType !== undefined && contentType.startsWith('multipart/form-data');
}

/** Reads a multipart body; undefined when it is malformed. */
export async function readForm(contentType: string, body: Buffer): Promise<Form | undefined> {
  const parsed = await parse(contentType, body);
  if (parsed === undefined) return undefined;
  // Maps, because a form may use any field name, such as `__proto__`.
  const fields = new Map<string, unknown>();
  const files = new Map<string, FormFile>();
  for (const [name, value] of parsed) {
    if (typeof value === 'string') {
      addField(fields, name.replace(/\[\]$/, ''), value, name.endsWith('[]'));
      continue;
    }
    const bytes = Buffer.from(await value.arrayBuffer());
    files.set(name, { name: value.name, contentType: value.type, bytes });
  }
  return { fields: Object.fromEntries(fields), files: Object.fromEntries(files) };
}

async function parse(contentType: string, body: Buffer): Promise<FormData | undefined> {
  // Data from a socket is never shared memory, whatever the type allows.
  const bytes = body as Uint8Array<ArrayBuffer>;
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    return undefined;
  }
}

function addField(fields: Map<string, unknown>, name: string, value: string, isList: boolean): void {
  const known = fields.get(name);
  if (known === undefined) fields.set(name, isList ? [value] : value);
  else fields.set(name, Array.isArray(known) ? [...(known as unknown[]), value] : [known, value]);
}
