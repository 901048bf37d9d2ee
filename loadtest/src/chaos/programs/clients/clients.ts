import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUsage } from '../../../process/process-usage.ts';
import { startGateway } from '../../../process/start-gateway.ts';
import { Findings } from '../../evidence/findings.ts';
import type { OwnProgram, Result, RunOptions } from '../program.ts';
import { ClientsRun } from './clients-run.ts';

/** A hundred while all goes well, and half as many while backends misbehave. */
const RELOADS = 150;
const MIN_RELOADS = 3;

/**
 * Rotation of every credential and a hundred reloads under load, and then the ledgers after a period in which backends
 * fail.
 */
export const clients: OwnProgram = {
  name: 'clients',
  shows:
    'rotated credentials and reloads at 200 requests/s, then failing backends, and what each client took',
  count: RELOADS,
  unit: 'reloads',
  async run(options: RunOptions, onProgress): Promise<Result> {
    const startedMs = performance.now();
    const folder = mkdtempSync(join(tmpdir(), 'spillway-clients-'));
    const findings = new Findings();
    const count = Math.max(MIN_RELOADS, Math.round(RELOADS * options.share));
    const run = new ClientsRun({ folder, seed: options.seed, findings });
    try {
      await run.listen();
      const { node, gateway: file } = options;
      const variables = { SPILLWAY_CONFIG: run.configFile };
      const gateway = await startGateway([], { variables, node, file });
      const before = readUsage(gateway.pid).residentBytes;
      try {
        await run.attack(gateway, count, (done) => onProgress(done, count));
        const grownBytes = readUsage(gateway.pid).residentBytes - before;
        const { answers, arrivals, logLines, notes } = await run.judge(gateway);
        const seconds = (performance.now() - startedMs) / 1000;
        return {
          program: clients,
          cases: count,
          answers,
          arrivals,
          logLines,
          grownBytes,
          seconds,
          findings,
          notes,
        };
      } finally {
        await gateway.stop();
      }
    } finally {
      run.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
