/** Says where the simulation is: it draws plots, which would be half of the bundle for something that no server does. */
export function run(): number {
  process.stderr.write(`The simulation is not in this file. In a clone of the repository it is

  pnpm spillway-simulate --log access.jsonl --config spillway.yaml
`);
  return 2;
}
