/// How an explanation's page looks.
enum PageStyle {
  static let text = palette + layout + panel

  /// Colours, light and dark: nine steps of heat, and which of them want light ink.
  private static let palette = #"""
    :root {
      --paper: #f7f5f0; --card: #ffffff; --ink: #1f1c18; --soft: #6a645b; --line: #e4dfd5;
      --faint: #f1eee7; --accent: #a63d14; --mark: #ffe3a8; --mark-ink: #1f1c18; --bar: #d9824a;
      --h0: #fbf4e6; --h1: #fbe8c8; --h2: #f9d6a0; --h3: #f5bf76; --h4: #ee9f52; --h5: #e07c36;
      --h6: #c55a22; --h7: #9d3f17; --h8: #6f2a10;
      --low-ink: #1f1c18; --high-ink: #fffaf2; --shadow: 0 1px 2px #1f1c1812, 0 8px 24px #1f1c180d;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
      --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #141210; --card: #1d1a17; --ink: #ece6dc; --soft: #a59c8f; --line: #37312b;
        --faint: #26221e; --accent: #f3a767; --mark: #6b4a14; --mark-ink: #ffeccb; --bar: #d9824a;
        --h0: #24201c; --h1: #35281d; --h2: #4a331f; --h3: #653f1f; --h4: #854f20; --h5: #a86425;
        --h6: #cb8035; --h7: #e9a45a; --h8: #ffd09a;
        --low-ink: #f1ebe1; --high-ink: #1c130a; --shadow: 0 1px 2px #0006, 0 8px 24px #0004;
      }
    }
    * { box-sizing: border-box; }
    """#

  private static let layout = #"""
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans);
      font-variant-numeric: tabular-nums; padding: 0 clamp(14px, 3vw, 44px) 48px;
    }
    h1, h2, h3, p, dl, dd, ul, ol { margin: 0; padding: 0; }
    ul, ol { list-style: none; }
    .top {
      max-width: 1480px; margin: 0 auto; padding: 30px 0 22px; display: flex; flex-wrap: wrap;
      gap: 14px 48px; align-items: flex-end; justify-content: space-between;
    }
    .eyebrow {
      color: var(--accent); font-size: 12px; font-weight: 600; letter-spacing: .1em;
      text-transform: uppercase;
    }
    h1 { font-size: clamp(22px, 2.6vw, 30px); line-height: 1.2; letter-spacing: -.015em;
      overflow-wrap: anywhere; font-weight: 650; }
    h2 { font-size: 15px; font-weight: 620; }
    .facts { display: flex; flex-wrap: wrap; gap: 10px 30px; }
    .facts dt { color: var(--soft); font-size: 12px; }
    .facts dd { font-size: 14px; overflow-wrap: anywhere; max-width: 42ch; }
    .layout {
      max-width: 1480px; margin: 0 auto; display: grid; gap: 22px;
      grid-template-columns: minmax(0, 1fr) minmax(400px, 32%); align-items: start;
    }
    main { display: grid; gap: 22px; min-width: 0; }
    .card, .panel {
      background: var(--card); border: 1px solid var(--line); border-radius: 14px;
      box-shadow: var(--shadow);
    }
    .card { padding: 18px clamp(16px, 2vw, 28px) 16px; }
    .plain { padding: 20px; }
    .bar { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center;
      padding-bottom: 12px; border-bottom: 1px solid var(--line); }
    .bar h2 { margin-right: auto; }
    .switch { display: inline-flex; background: var(--faint); border-radius: 9px; padding: 3px; }
    .switch:empty { display: none; }
    .switch button {
      border: 0; background: none; color: var(--soft); font: inherit; font-size: 13px;
      padding: 3px 12px; border-radius: 7px; cursor: pointer;
    }
    .switch button[aria-checked=true] { background: var(--card); color: var(--ink);
      box-shadow: 0 1px 2px #0003; font-weight: 600; }
    .legend { display: flex; align-items: center; gap: 8px; font-size: 12.5px; color: var(--soft); }
    .legend i { display: block; width: 16px; height: 13px; }
    .legend i:first-of-type { border-radius: 4px 0 0 4px; box-shadow: inset 1px 0 var(--line),
      inset 0 1px var(--line), inset 0 -1px var(--line); }
    .legend i:last-of-type { border-radius: 0 4px 4px 0; }
    .legend span.steps { display: flex; }
    .tokens { font-size: 18px; line-height: 2.02; padding: 20px 0 10px; overflow-wrap: anywhere; }
    .group { display: inline-block; max-width: 100%; white-space: pre-wrap; }
    .token {
      border-radius: 5px; padding: .2em .07em; margin: 0 .5px; cursor: pointer;
      -webkit-box-decoration-break: clone; box-decoration-break: clone; color: var(--low-ink);
      transition: box-shadow .12s;
    }
    .token:hover { box-shadow: 0 0 0 1.5px var(--accent); }
    .token[aria-pressed=true], .token:focus-visible { outline: 0;
      box-shadow: 0 0 0 2px var(--card), 0 0 0 4px var(--accent); position: relative; }
    .h0 { background: var(--h0); } .h1 { background: var(--h1); } .h2 { background: var(--h2); }
    .h3 { background: var(--h3); } .h4 { background: var(--h4); } .h5 { background: var(--h5); }
    .h6 { background: var(--h6); } .h7 { background: var(--h7); } .h8 { background: var(--h8); }
    .token.h6, .token.h7, .token.h8 { color: var(--high-ink); }
    .space { background: radial-gradient(circle, currentColor .08em, transparent .1em) center /
      100% 100% no-repeat; opacity: .38; }
    .sign { opacity: .5; font-size: .78em; font-family: var(--mono); }
    .strip { display: flex; align-items: flex-end; height: 64px; gap: 1px; padding-top: 8px;
      border-bottom: 1px solid var(--line); cursor: pointer; }
    .strip i { flex: 1 1 0; min-width: 0; border-radius: 2px 2px 0 0; min-height: 2px; }
    .strip i.h0, .strip i.h1 { background: var(--h2); }
    .strip i.chosen { background: var(--ink); }
    .keys { color: var(--soft); font-size: 12.5px; padding-top: 10px; }
    kbd { font: 11px var(--mono); border: 1px solid var(--line); border-radius: 4px;
      padding: 1px 5px; background: var(--faint); }
    .summary { display: grid; gap: 10px 26px; grid-template-columns: repeat(auto-fit,
      minmax(132px, 1fr)); padding-bottom: 20px; }
    .summary h2 { grid-column: 1 / -1; padding-bottom: 6px; }
    .figure b { display: block; font-size: 22px; font-weight: 620; letter-spacing: -.01em; }
    .figure span { color: var(--soft); font-size: 13px; }
    .figure .meter { margin: 6px 0 4px; }
    .meter { display: block; height: 6px; border-radius: 3px; background: var(--faint);
      overflow: hidden; }
    .meter i { display: block; height: 100%; border-radius: 3px; background: var(--bar); }
    @media (max-width: 999px) {
      .layout { grid-template-columns: minmax(0, 1fr); }
      .tokens { font-size: 17px; }
    }
    """#

  private static let panel = #"""
    .panel { position: sticky; top: 18px; max-height: calc(100vh - 36px); overflow: auto;
      overscroll-behavior: contain; padding: 0 22px 22px; outline: 0; scrollbar-width: thin; }
    .panel .hint { color: var(--soft); padding: 34px 20px 18px; text-align: center; }
    .ranking { border-top: 1px solid var(--line); }
    .ranked { display: grid; grid-template-columns: minmax(0, 1fr) 72px 6ch; gap: 12px; width: 100%;
      align-items: center; border: 0; background: none; color: inherit; font: inherit;
      font-size: 14px; line-height: 1.9; text-align: left; padding: 4px 6px; cursor: pointer;
      border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
    .ranked:hover { background: var(--faint); }
    .ranked > :last-child { text-align: right; }
    .piece.context { background: none; color: var(--soft); padding: 0; margin: 0; }
    .panel .hint b { display: block; color: var(--ink); font-size: 16px; padding-bottom: 6px; }
    .chosen-head { position: sticky; top: 0; z-index: 1; background: var(--card); margin: 0 -22px;
      padding: 16px 22px 12px; border-bottom: 1px solid var(--line); display: flex; gap: 10px;
      align-items: center; }
    .chosen-head h2 { flex: 1; font-size: 18px; min-width: 0; overflow-wrap: anywhere; }
    .chosen-head small { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; }
    .chosen-head button { border: 1px solid var(--line); background: var(--card); color: var(--ink);
      width: 32px; height: 32px; border-radius: 8px; font-size: 15px; cursor: pointer; flex: none; }
    .chosen-head button:hover { background: var(--faint); }
    .chosen-head button:disabled { opacity: .35; cursor: default; }
    button:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent);
      outline-offset: 2px; }
    .piece { white-space: pre-wrap; background: var(--faint); border-radius: 5px;
      padding: .12em .3em; margin-right: 3px; -webkit-box-decoration-break: clone;
      box-decoration-break: clone; }
    .piece.start { color: var(--soft); font-style: italic; }
    .measures { display: grid; grid-template-columns: max-content 1fr max-content; gap: 6px 12px;
      align-items: center; padding: 14px 0 4px; font-size: 13.5px; }
    .measures dt { color: var(--soft); }
    .ngram { padding-top: 20px; }
    .ngram > header { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline;
      padding-bottom: 8px; }
    .ngram h3 { font-size: 15px; font-weight: 600; line-height: 1.75; flex: 1 1 12ch; min-width: 0;
      overflow-wrap: anywhere; }
    .order { color: var(--accent); font-size: 12px; font-weight: 600; letter-spacing: .02em;
      flex: none; }
    .seen { color: var(--soft); font-size: 13px; flex: none; }
    .seen b { color: var(--ink); font-weight: 620; }
    .rows { width: 100%; border-collapse: collapse; font-size: 12.5px; }
    .rows th { text-align: left; color: var(--soft); font-weight: 400; padding: 0 8px 3px 0; }
    .rows td { padding: 2px 8px 2px 0; white-space: nowrap; }
    .rows th:last-child, .rows td:last-child { padding-right: 0; text-align: right; }
    .rows td.bars { width: 40%; min-width: 60px; }
    .rows .id { font-family: var(--mono); font-size: 12px; }
    .own { color: var(--soft); }
    details { padding-top: 8px; font-size: 13px; }
    summary { cursor: pointer; color: var(--soft); }
    summary:hover { color: var(--ink); }
    .shared { padding: 6px 0 0 2px; display: grid; grid-template-columns: max-content 1fr;
      gap: 4px 12px; line-height: 1.8; }
    .shared dt { color: var(--soft); }
    .part { color: var(--soft); font-size: 12.5px; padding: 12px 0 5px; }
    .near { display: grid; grid-template-columns: minmax(0, max-content) minmax(50px, 1fr) auto auto;
      gap: 4px 12px; align-items: center; font-size: 13.5px; }
    .near .count { color: var(--soft); text-align: right; font-size: 12.5px; }
    .near .name { overflow-wrap: anywhere; }
    .passages li { padding: 8px 0 9px; border-top: 1px solid var(--line); font-size: 13.5px;
      line-height: 1.5; overflow-wrap: anywhere; }
    .passages .where { display: block; font-size: 12.5px; color: var(--soft); padding-bottom: 2px; }
    .passages .where b { color: var(--ink); font-weight: 600; }
    .passages a { color: var(--accent); }
    mark { background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 .15em; }
    @media (max-width: 999px) {
      .token { scroll-margin: 24px 0 64vh; }
      .panel { position: fixed; inset: auto 0 0 0; max-height: 60vh; border-radius: 16px 16px 0 0;
        border-width: 1px 0 0; z-index: 3; box-shadow: 0 -8px 40px #0004; }
      .panel.empty { display: none; }
      body.open { padding-bottom: 62vh; }
    }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
    @media print { .panel { position: static; max-height: none; } .keys, .switch { display: none; } }
    """#
}
