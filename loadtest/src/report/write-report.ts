import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Comparison } from './compare-reports.ts';
import { makeFolder } from './destinations.ts';
import type { Report } from './report.ts';

/** Writes `index.html` and `report.json` into a folder, which is created if necessary. Returns the page's path. */
export async function writeReport(
  folder: string,
  report: Report,
  comparison: Comparison | undefined,
): Promise<string> {
  makeFolder('--report', folder);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report)}\n`);
  const page = join(folder, 'index.html');
  // The plotting code takes longer to load than most runs that it plots take.
  const { renderPage } = await import('./page/render-page.ts');
  writeFileSync(page, await renderPage(report, comparison));
  return page;
}

/** Returns a path as its caller means it: a package's script runs in the package's folder. */
export function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
