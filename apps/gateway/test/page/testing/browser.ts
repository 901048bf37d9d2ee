import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const PLACES = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = PLACES.find((place) => place !== '' && existsSync(place));

/** Tests of the page need a real Chromium, and are skipped where none is installed. */
export const hasNoBrowser = executablePath === undefined;

if (hasNoBrowser)
  process.stderr.write(
    '\nSKIPPED: tests of the live page, as no Chromium is installed (apt-get install chromium)\n',
  );

/** Opens pages in one browser for all tests of a file. */
export class TestBrowser {
  #browser: Browser | undefined;

  constructor(args: readonly string[] = []) {
    beforeAll(async () => {
      if (executablePath === undefined) return;
      this.#browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
    });
    afterAll(() => this.#browser?.close());
  }

  /**
   * Opens a page in a browser profile of its own, until the test ends. The test fails if the page's scripts throw, or if its
   * console has errors other than the expected.
   */
  async open(url: string, options: BrowserContextOptions = {}, expected = /^$/): Promise<Page> {
    if (this.#browser === undefined) throw new Error('No Chromium is installed.');
    const context = await this.#browser.newContext({ viewport: { width: 1360, height: 900 }, ...options });
    const errors: string[] = [];
    context.on('weberror', (error) => errors.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error' && !expected.test(message.text())) errors.push(message.text());
    });
    onTestFinished(async () => {
      await context.close();
      if (errors.length > 0) throw new Error(`The page had errors: ${errors.join('; ')}`);
    });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }
}

/** Returns by how many px a page is wider than its window. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** Returns axe's findings about barriers on a page. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
