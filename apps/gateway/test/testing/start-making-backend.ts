import { startHttpBackend, type TestBackend } from './start-backend.ts';

/** A backend that makes objects on request. */
export interface MakingBackend extends TestBackend {
  /** The requests, like `POST /openai/v1/files`. */
  readonly asked: string[];
}

/** Starts one that answers with the id that a request's `x-made` names; other requests get an empty object. */
export async function startMakingBackend(): Promise<MakingBackend> {
  const asked: string[] = [];
  const { url } = await startHttpBackend((req, res) => {
    req.resume();
    asked.push(`${req.method} ${req.url}`);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(req.headers['x-made'] === undefined ? '{}' : `{"id":"${String(req.headers['x-made'])}"}`);
  });
  return { url, asked };
}
