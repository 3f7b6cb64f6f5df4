/// How the service's page looks, light and dark.
enum PageStyle {
  static let text = #"""
    :root {
      --paper: #f7f5f0; --card: #fff; --ink: #1f1c18; --soft: #6a645b; --line: #e4dfd5;
      --faint: #f1eee7; --accent: #a63d14; --good: #2f6b3c; --bad: #a4262c;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #141210; --card: #1d1a17; --ink: #ece6dc; --soft: #a59c8f; --line: #37312b;
        --faint: #26221e; --accent: #f3a767; --good: #86c994; --bad: #ff9a94;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1240px; padding: 0 clamp(14px, 3vw, 36px) 56px;
      background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans);
      font-variant-numeric: tabular-nums; }
    header { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: baseline;
      padding: 28px 0 18px; }
    h1 { margin: 0; font-size: 25px; letter-spacing: -.015em; }
    h2 { margin: 0 0 12px; font-size: 16px; }
    a { color: var(--accent); }
    .soft { color: var(--soft); font-size: 13px; }
    .state { margin-left: auto; font-size: 13px; font-weight: 600; color: var(--good); }
    .state[data-state=bad] { color: var(--bad); }
    section, form.token { background: var(--card); border: 1px solid var(--line);
      border-radius: 12px; padding: 18px clamp(14px, 2vw, 24px); margin-bottom: 18px; }
    .scroll { overflow-x: auto; }
    .rates { display: grid; gap: 14px; padding: 0; margin: 0;
      grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); }
    .rates div { background: var(--faint); border-radius: 9px; padding: 10px 14px; }
    .rates dt { color: var(--soft); font-size: 12.5px; }
    .rates dd { margin: 0; font-size: 20px; font-weight: 620; }
    .rates svg { display: block; width: 100%; height: 26px; }
    .rates polyline { fill: none; stroke: var(--accent); stroke-width: 1.5;
      vector-effect: non-scaling-stroke; }
    table { border-collapse: collapse; width: 100%; font-size: 14px; }
    th { text-align: left; color: var(--soft); font-weight: 500; font-size: 12.5px; }
    th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    tr:last-child td { border-bottom: 0; }
    td.number, th.number { text-align: right; white-space: nowrap; }
    td.name { overflow-wrap: anywhere; min-width: 12ch; font-weight: 560; }
    .fields { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: end; }
    label { display: grid; gap: 3px; font-size: 12.5px; color: var(--soft); }
    label.wide { flex: 1 1 320px; }
    input, select, textarea, button { font: inherit; font-size: 15px; color: var(--ink);
      background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
      padding: 6px 10px; max-width: 100%; }
    textarea { width: 100%; min-height: 4.6em; resize: vertical; }
    button { background: var(--accent); color: var(--card); border-color: var(--accent);
      font-weight: 600; cursor: pointer; padding: 6px 18px; }
    button:disabled { opacity: .5; cursor: default; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .error { color: var(--bad); margin: 10px 0 0; overflow-wrap: anywhere; }
    .error:empty { display: none; }
    ol.passages { list-style: none; margin: 14px 0 0; padding: 0; display: grid; gap: 12px; }
    ol.passages p { margin: 2px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
    .tokens { margin: 14px 0 10px; line-height: 2.1; overflow-wrap: anywhere; }
    .tokens button { font-family: var(--mono); font-size: 14px; font-weight: 400; padding: 2px 6px;
      margin-right: 4px; background: var(--faint); color: var(--ink); border-color: var(--line);
      white-space: pre-wrap; }
    .tokens button[aria-pressed=true] { border-color: var(--accent); color: var(--accent); }
    [hidden] { display: none !important; }
    """#
}
