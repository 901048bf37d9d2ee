import { colours } from '../plot/colours.ts';

/** The page's style: one column on a phone, plots side by side where there is room, black on white on paper. */
export const css = `
body { margin: 0; background: #fff; color: #111; font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1400px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .4rem; }
h3 { font-size: 1rem; margin: .6rem 0 .3rem; }
.made { margin: 0; color: #555; }
.lead { margin: 1rem 0; padding: .2rem 1rem .6rem; border-left: 6px solid; background: #f6f6f6; overflow-wrap: anywhere; }
.lead h2 { margin-top: .5rem; }
ul { padding-left: 1.2rem; overflow-wrap: anywhere; }
.good { border-color: ${colours.served}; }
.bad { border-color: ${colours.failed}; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: bottom; }
td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.verdicts { list-style: none; padding: 0; }
.verdicts li { margin: .15rem 0; overflow-wrap: anywhere; }
.verdicts b { display: inline-block; min-width: 3.6rem; }
.met b { color: #00674b; }
.missed b { color: #a34700; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(640px, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; break-inside: avoid; }
figcaption { color: #444; font-size: .85rem; }
svg { max-width: 100%; height: auto; }
.narrow { display: none; }
@media screen and (max-width: 560px) {
  main { padding: .6rem; }
  .wide { display: none; }
  .narrow { display: block; }
}
@media print {
  body { font-size: 11px; }
  .charts { grid-template-columns: 1fr 1fr; }
  .run { break-before: page; }
  th, td { padding: .15rem .3rem; }
}
`;
