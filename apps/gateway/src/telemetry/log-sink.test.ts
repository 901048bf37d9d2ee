import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

/** Writes more to its stdout than it may, and reports the result on stderr. */
const PROGRAM = `
import { openLogSink } from '${import.meta.resolve('./log-sink.ts')}';
openLogSink(1).write(Buffer.alloc(100_000, 'x'), (error, written) => process.stderr.write(error.code + ' ' + written));
`;

test('of a file that can take only a part it is told how much that was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'log');
  const limited = 'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module --eval "$1" > "$2"';
  const args = ['-c', limited, process.execPath, PROGRAM, file];
  const { stderr } = await promisify(execFile)('/bin/sh', args);
  const { length } = readFileSync(file);
  expect(length).toBeGreaterThan(0);
  expect(stderr).toBe(`EFBIG ${length}`);
});
