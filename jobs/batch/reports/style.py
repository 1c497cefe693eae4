"""The style of the HTML reports, light and dark."""

STYLE = """
:root { --ink: #1d2126; --paper: #fff; --faint: #667; --line: #d8dbe0; --bar: #4a78b5;
  --good: #2f8f5b; --bad: #c2503f; --odd: #c98a1b; --grey: #9aa0a8; --deep: #6b5aa8; --soft: #5aa7b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #16181c; --faint: #99a; --line: #343840;
  --bar: #6d9bdb; --good: #4fb981; --bad: #e0705f; --odd: #e0a83f; --grey: #767c85; --deep: #9a8bdb;
  --soft: #74c0ce; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
  margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.lead { font-size: 1.25rem; font-weight: 600; margin-bottom: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--faint); }
th, td { padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: break-word; }
.instances td { white-space: nowrap; }
.instances .why td { white-space: normal; color: var(--faint); padding-left: 1.6rem; }
.instances { font-size: .9rem; }
td svg.stack { width: 9rem; height: .8rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 1.2rem; }
figure { margin: 0; } figcaption { font-size: .85rem; color: var(--faint); }
svg { width: 100%; display: block; } svg.stack { height: 1.1rem; border-radius: 3px; }
svg text { font-size: 10px; fill: var(--faint); } .axis { stroke: var(--line); }
.reach { stroke: var(--bar); stroke-width: 3; opacity: .5; }
.bar { fill: var(--bar); } .median { stroke: var(--ink); stroke-dasharray: 3 3; }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .5rem; border-radius: 2px; }
.part-resolved, .part-tools { fill: var(--good); background: var(--good); }
.part-unresolved { fill: var(--bad); background: var(--bad); }
.part-error, .part-waiting { fill: var(--odd); background: var(--odd); }
.part-empty, .part-harness { fill: var(--deep); background: var(--deep); }
.part-ungraded, .part-model { fill: var(--bar); background: var(--bar); }
.part-infra, .part-sandbox { fill: var(--soft); background: var(--soft); }
.part-crashed, .part-lost { fill: var(--ink); background: var(--ink); }
.part-running { fill: var(--grey); background: var(--grey); }
pre { overflow: auto; border: 1px solid var(--line); padding: .8rem; font-size: .85rem; }
"""
