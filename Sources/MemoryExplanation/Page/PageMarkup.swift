/// The frame of an explanation's page; the script fills it.
enum PageMarkup {
  static let text = #"""
    <header class="top">
      <div>
        <p class="eyebrow">engram explain</p>
        <h1 id="title"></h1>
      </div>
      <dl class="facts" id="facts"></dl>
    </header>
    <noscript><p class="plain">This page needs JavaScript; it loads nothing.</p></noscript>
    <div class="layout">
      <main>
        <section class="card" aria-labelledby="text-heading">
          <div class="bar">
            <h2 id="text-heading">The text, by <span id="measure-name"></span></h2>
            <div class="switch" role="radiogroup" aria-label="What colours mean" id="switch"></div>
            <div class="legend" id="legend" aria-hidden="true"></div>
          </div>
          <div class="tokens" id="tokens" role="group" aria-label="Tokens of the text"></div>
          <div class="strip" id="strip" aria-hidden="true"></div>
          <p class="keys"><kbd>←</kbd> <kbd>→</kbd> another token &nbsp; <kbd>Esc</kbd> none
            <span id="switch-key"></span></p>
        </section>
        <section class="card summary" id="summary" aria-label="Summary"></section>
      </main>
      <aside class="panel" id="panel" aria-label="The chosen token" tabindex="-1"></aside>
    </div>
    """#
}
