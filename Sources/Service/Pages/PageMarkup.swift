/// What stands on the service's page before its script fills it.
enum PageMarkup {
  static let text = #"""
    <header>
    <h1>Engram Store</h1>
    <span class="soft" id="release"></span>
    <span class="state" id="state" role="status">connecting</span>
    </header>
    <form class="token" id="token-form" hidden>
    <h2>This service asks for its token</h2>
    <div class="fields">
    <label class="wide">Token, kept until this tab is closed
    <input id="token" type="password" autocomplete="off" required></label>
    <button>Use it</button>
    </div>
    <p class="error" id="token-error" role="alert"></p>
    </form>
    <main>
    <section aria-labelledby="rates-title">
    <h2 id="rates-title">Now</h2>
    <dl class="rates" id="rates"></dl>
    </section>
    <section aria-labelledby="tables-title">
    <h2 id="tables-title">Memory tables</h2>
    <div class="scroll" id="tables"></div>
    </section>
    <section aria-labelledby="datasets-title">
    <h2 id="datasets-title">Datasets</h2>
    <div class="scroll" id="datasets"></div>
    </section>
    <section aria-labelledby="contexts-title" id="contexts-section" hidden>
    <h2 id="contexts-title">Context store</h2>
    <p class="soft" id="contexts-use"></p>
    <div class="scroll" id="contexts"></div>
    </section>
    <section aria-labelledby="ask-title">
    <h2 id="ask-title">Ask</h2>
    <form id="ask" class="fields">
    <label>Index <select id="ask-dataset" required></select></label>
    <label class="wide">Question <input id="ask-question" required maxlength="2000"
      placeholder='words, "a phrase"'></label>
    <label>Passages <input id="ask-limit" type="number" min="1" max="100" value="5" required></label>
    <button>Ask</button>
    </form>
    <p class="error" id="ask-error" role="alert"></p>
    <ol class="passages" id="passages" aria-live="polite"></ol>
    </section>
    <section aria-labelledby="explain-title">
    <h2 id="explain-title">Explain</h2>
    <form id="explain" class="fields">
    <label>Memory <select id="explain-memory" required></select></label>
    <label>Passages of <select id="explain-dataset"></select></label>
    <label>Counts <input id="explain-counts" placeholder="name, or nothing"></label>
    <label class="wide">Text <textarea id="explain-text" required maxlength="8000"></textarea></label>
    <button>Explain</button>
    </form>
    <p class="error" id="explain-error" role="alert"></p>
    <div class="tokens" id="tokens" role="group" aria-label="Tokens"></div>
    <div class="scroll" id="ngrams" aria-live="polite"></div>
    </section>
    </main>
    <p class="soft">The contract: <a href="/openapi.yaml">openapi.yaml</a></p>
    """#
}
