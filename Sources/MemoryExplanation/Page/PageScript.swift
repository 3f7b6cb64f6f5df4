/// What an explanation's page does. Whatever the explanation says is put on the screen as text.
enum PageScript {
  static let text = start + heat + panel + choosing

  private static let start = #"""
    'use strict';
    const data = JSON.parse(document.getElementById('explanation').textContent);
    const tokens = data.tokens;
    const byId = name => document.getElementById(name);
    const whole = number => number.toLocaleString('en-US');
    const short = number => Number.isFinite(number)
      ? Number(number.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 }) : '–';

    /* An element with a class and children: elements, or text. */
    function make(tag, name, ...children) {
      const element = document.createElement(tag);
      if (name) element.className = name;
      element.append(...children.filter(child => child !== null && child !== undefined));
      return element;
    }

    /* Text whose white space can be seen, and whose controls and marks of direction do nothing. */
    const named = { '\n': '↵', '\r': '␍', '\t': '⇥' };
    const odd = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
    function visible(text) {
      const parts = [];
      let plain = '';
      const end = () => { if (plain) parts.push(plain); plain = ''; };
      for (const character of text) {
        if (character === ' ') {
          end();
          parts.push(make('span', 'space', ' '));
        } else if (odd.test(character)) {
          end();
          const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
          parts.push(make('span', 'sign', named[character] ?? 'U+' + code));
        } else plain += character;
      }
      end();
      return parts;
    }
    const spelled = token => token.bytes
      ? [make('span', 'sign', token.bytes)] : visible(token.text);
    const mean = numbers => numbers.reduce((sum, one) => sum + Number(one), 0) / numbers.length;
    const meter = share => {
      const fill = make('i', '');
      fill.style.width = (100 * Math.max(0, Math.min(1, share || 0))).toFixed(1) + '%';
      return make('span', 'meter', fill);
    };

    function fact(name, value) {
      byId('facts').append(make('div', '', make('dt', '', name), make('dd', '', value)));
    }
    const memory = data.memory;
    byId('title').textContent = memory.table;
    fact('Memory', `${whole(memory.rows)} ${memory.kind} rows × ${memory.dimension}, ${memory.codec}`);
    fact('N-grams', `${memory.shortest} to ${memory.longest} tokens`
      + (memory.kind === 'hashed' ? `, ${memory.heads} heads` : ''));
    if (data.gates) fact('Gates', `${data.gates.form}; states of ${data.gates.hidden}`);
    if (data.counts) fact('Counts', `${data.counts.name} of ${data.counts.dataset}`);
    if (data.dataset) fact('Passages', data.dataset);
    fact('Text', `${whole(tokens.length)} token${tokens.length === 1 ? '' : 's'}`);

    """#

  private static let heat = #"""
    /* What colours can mean: values of all tokens, and the scale's ends. */
    const measures = [];
    function addMeasure(name, label, values) {
      const known = values.filter(Number.isFinite);
      const low = known.length ? Math.min(...known) : 0;
      const high = known.length ? Math.max(...known) : 0;
      measures.push({ name, label, values, low, high });
    }
    if (data.gates) {
      const all = tokens.map(token => token.gates.map(Number));
      addMeasure('gate', data.gates.branches > 1 ? 'gate, mean of branches' : 'gate', all.map(mean));
    }
    addMeasure('norm', 'norm of the rows', tokens.map(token => Number(token.norm)));
    let measure = measures[0];
    const share = (value, of = measure) => !Number.isFinite(value) ? 0
      : of.high > of.low ? (value - of.low) / (of.high - of.low) : 0.5;
    const step = value => 'h' + Math.min(8, Math.floor(share(value) * 9));

    /* A word's tokens stay on one line. */
    function drawTokens() {
      let group = make('span', 'group');
      let length = 0;
      const close = () => { if (group.childNodes.length) byId('tokens').append(group);
        group = make('span', 'group'); length = 0; };
      tokens.forEach((token, index) => {
        const text = token.bytes ?? token.text;
        if (/^[^\S\n]/.test(text) || length > 22) close();
        const box = make('span', 'token', ...spelled(token));
        box.dataset.token = index;
        box.setAttribute('role', 'button');
        box.tabIndex = index === 0 ? 0 : -1;
        group.append(box);
        length += text.length;
        const lines = Math.min(2, (token.bytes ? '' : text).split('\n').length - 1);
        if (lines) close();
        for (let line = 0; line < lines; line++) byId('tokens').append(make('br', ''));
      });
      close();
      tokens.forEach((_, index) => {
        const bar = make('i', '');
        bar.dataset.token = index;
        byId('strip').append(bar);
      });
    }
    const boxes = () => [...document.querySelectorAll('.token')];
    const bars = () => [...document.querySelectorAll('.strip i')];

    function colour() {
      byId('measure-name').textContent = measure.label;
      const drawn = bars();
      boxes().forEach((box, index) => {
        const value = measure.values[index];
        box.className = 'token ' + step(value);
        const text = `token ${index}, ` + measures.map(
          one => `${one.name} ${short(one.values[index])}`).join(', ');
        box.title = text;
        drawn[index].className = step(value) + (index === chosen ? ' chosen' : '');
        drawn[index].style.height = (4 + 96 * share(value)).toFixed(1) + '%';
      });
      const steps = make('span', 'steps');
      for (let index = 0; index < 9; index++) steps.append(make('i', 'h' + index));
      byId('legend').replaceChildren(short(measure.low), steps, short(measure.high));
      const choices = measures.length < 2 ? [] : measures.map(one => {
        const button = make('button', '', one.name[0].toUpperCase() + one.name.slice(1));
        button.setAttribute('role', 'radio');
        button.setAttribute('aria-checked', one === measure);
        button.addEventListener('click', () => show(one));
        return button;
      });
      byId('switch').replaceChildren(...choices);
    }
    if (measures.length > 1) {
      byId('switch-key').replaceChildren(' \u00a0 ', make('kbd', '', 'G'), ' ',
        make('kbd', '', 'N'), ' gate, norm');
    }

    /* How much of the text the counts, and the passages, know. */
    function drawSummary() {
      const target = byId('summary');
      const figure = (value, text, part) => target.append(make('div', 'figure',
        make('b', '', value), part === undefined ? null : meter(part), make('span', '', text)));
      target.append(make('h2', '', 'What the memory has seen of it'));
      for (let order = memory.shortest; order <= memory.longest; order++) {
        const some = tokens.flatMap(token => token.ngrams)
          .filter(ngram => ngram.order === order && !ngram.padding);
        if (!some.length) continue;
        if (memory.kind === 'exact') {
          const found = some.filter(ngram => ngram.isFound).length;
          figure(`${found} of ${some.length}`, `${order}-grams have a row`, found / some.length);
        } else if (some.every(ngram => ngram.count !== undefined)) {
          const seen = some.filter(ngram => ngram.count > 0).length;
          figure(`${seen} of ${some.length}`, `${order}-grams occur in ${data.counts.dataset}`,
            seen / some.length);
        }
      }
      const rows = tokens.flatMap(token => token.ngrams).flatMap(ngram => ngram.rows);
      const counted = rows.filter(row => row.sharing !== undefined);
      if (counted.length) {
        const shared = counted.filter(row => row.sharing > 0).length;
        figure(`${Math.round(100 * shared / counted.length)} %`,
          'of the rows are shared with other N-grams', shared / counted.length);
      }
      figure(short(mean(measures[measures.length - 1].values)), 'mean norm of a token’s rows');
      if (data.gates) figure(short(mean(measures[0].values)), 'mean gate', mean(measures[0].values));
    }

    """#

  private static let panel = #"""
    const rowNorms = tokens.flatMap(token => token.ngrams).flatMap(ngram => ngram.rows)
      .map(row => Number(row.norm)).filter(Number.isFinite);
    const mostRowNorm = Math.max(1e-30, ...rowNorms);
    const piece = text => make('span', 'piece', ...visible(text));

    function drawRows(ngram) {
      const isShared = ngram.rows.some(row => row.sharing !== undefined);
      const head = make('tr', '', memory.heads > 1 ? make('th', '', 'head') : null,
        make('th', '', 'norm'), make('th', ''), make('th', '', 'row'),
        isShared ? make('th', '', 'others in it') : null);
      const table = make('table', 'rows', make('thead', '', head));
      const body = make('tbody', '');
      ngram.rows.forEach((row, index) => {
        const others = row.sharing > 0 ? make('td', '', whole(row.sharing))
          : make('td', 'own', 'none');
        body.append(make('tr', '', memory.heads > 1 ? make('td', 'own', String(index)) : null,
          make('td', 'bars', meter(row.norm / mostRowNorm)), make('td', '', short(Number(row.norm))),
          make('td', 'id', whole(row.id)), isShared ? others : null));
      });
      table.append(body);
      return table;
    }

    function drawSharers(ngram) {
      const rows = ngram.rows.map((row, index) => [index, row])
        .filter(([, row]) => row.sharers && row.sharers.length);
      if (!rows.length) return null;
      const list = make('dl', 'shared');
      for (const [index, row] of rows) {
        list.append(make('dt', '', `head ${index}`), make('dd', '', ...row.sharers.flatMap(
          other => [piece(other.text), make('span', 'own', whole(other.count) + '×  ')])));
      }
      const shared = ngram.rows.filter(row => row.sharing > 0).length;
      return make('details', '', make('summary', '',
        `${shared} of ${ngram.rows.length} rows collide: the most frequent others`), list);
    }

    function drawNear(ngram) {
      if (!ngram.nearest || !ngram.nearest.length) return [];
      const list = make('div', 'near');
      for (const near of ngram.nearest) {
        list.append(make('span', 'name', piece(near.text)), meter(Number(near.cosine)),
          make('span', '', short(Number(near.cosine))),
          make('span', 'count', whole(near.count) + '×'));
      }
      return [make('p', 'part', `Nearest rows by cosine, among the ${whole(data.counts.among)} `
        + `most frequent ${ngram.order}\u2011grams`), list];
    }

    function drawPassages(ngram) {
      const passages = ngram.passages;
      if (!passages) return [];
      const heading = make('p', 'part', passages.count === 0 ? 'In no passage: '
        : `In ${whole(passages.count)} passage${passages.count === 1 ? '' : 's'}: `,
        piece(passages.phrase));
      const list = make('ul', 'passages');
      for (const passage of passages.found) {
        const source = /^https?:\/\/[^\s]+$/i.test(passage.source)
          ? make('a', '', passage.source) : make('span', '', passage.source);
        if (source.tagName === 'A') { source.href = passage.source; source.rel = 'noreferrer'; }
        list.append(make('li', '', make('span', 'where', make('b', '', passage.title), '  ',
          passage.source === `sample ${passage.sample}` ? '' : source,
          ` · ${passage.dataset} · sample ${whole(passage.sample)}, bytes ${whole(passage.start)} to `
          + whole(passage.end)), passage.before, make('mark', '', passage.match), passage.after));
      }
      return [heading, list];
    }

    function drawNgram(ngram) {
      const parts = [];
      if (ngram.padding) parts.push(make('span', 'piece start',
        ngram.padding === 1 ? 'start' : `start ×${ngram.padding}`));
      for (let index = ngram.first; index < ngram.first + ngram.order - ngram.padding; index++) {
        parts.push(make('span', 'piece', ...spelled(tokens[index])));
      }
      const seen = ngram.padding ? 'at the beginning'
        : ngram.count === undefined ? null
        : ngram.count === 0 ? 'never seen' : ['seen ', make('b', '', whole(ngram.count)), '×'];
      return make('section', 'ngram',
        make('header', '', make('span', 'order', `${ngram.order}-gram`), make('h3', '', ...parts),
          seen === null ? null : make('span', 'seen', ...[seen].flat())),
        ngram.isFound ? drawRows(ngram) : make('p', 'own', 'The memory has no row for it.'),
        ngram.isFound && !ngram.isRead ? make('p', 'own', 'A longer N-gram’s row is read.') : null,
        drawSharers(ngram), ...drawNear(ngram), ...drawPassages(ngram));
    }

    /* The tokens of the highest values, each with the longest N-gram that ends there. */
    function drawRanking() {
      const order = tokens.map((_, index) => index)
        .filter(index => Number.isFinite(measure.values[index]))
        .sort((one, other) => measure.values[other] - measure.values[one]).slice(0, 10);
      if (order.length < 2) return [];
      const list = make('ol', 'ranking');
      for (const index of order) {
        const ngram = tokens[index].ngrams.filter(one => one.isRead && !one.padding).pop();
        const parts = [];
        for (let at = ngram ? ngram.first : index; at <= index; at++) {
          const part = make('span', 'piece', ...spelled(tokens[at]));
          if (at < index) part.classList.add('context');
          parts.push(part);
        }
        const button = make('button', 'ranked', make('span', '', ...parts),
          meter(share(measure.values[index])), make('span', '', short(measure.values[index])));
        button.addEventListener('click', () => choose(index, true));
        list.append(make('li', '', button));
      }
      return [make('p', 'part', `Highest by ${measure.label}`), list];
    }

    function drawPanel() {
      const panel = byId('panel');
      panel.classList.toggle('empty', chosen < 0);
      document.body.classList.toggle('open', chosen >= 0);
      if (chosen < 0) {
        panel.replaceChildren(make('p', 'hint', make('b', '', 'Choose a token'),
          'to see its N-grams, their rows, and where they stand.'), ...drawRanking());
        return;
      }
      const token = tokens[chosen];
      const button = (text, label, to) => {
        const made = make('button', '', text);
        made.setAttribute('aria-label', label);
        made.disabled = to >= tokens.length || to < -1;
        made.addEventListener('click', () => choose(to));
        return made;
      };
      const id = token.compressed === undefined ? `id ${whole(token.id)}`
        : `id ${whole(token.id)}, compressed ${whole(token.compressed)}`;
      const list = make('dl', 'measures');
      (token.gates ?? []).forEach((gate, index) => list.append(
        make('dt', '', token.gates.length > 1 ? `gate ${index}` : 'gate'),
        make('dd', '', meter(Number(gate))), make('dd', '', short(Number(gate)))));
      const norms = measures[measures.length - 1];
      list.append(make('dt', '', 'norm'), make('dd', '', meter(Number(token.norm) / norms.high)),
        make('dd', '', short(Number(token.norm))));
      panel.replaceChildren(
        make('div', 'chosen-head',
          make('h2', '', make('span', 'piece', ...spelled(token)),
            make('small', '', `token ${chosen + 1} of ${tokens.length} · ${id}`)),
          button('‹', 'Token before', chosen === 0 ? -2 : chosen - 1),
          button('›', 'Next token', chosen + 1), button('×', 'Close', -1)),
        list,
        ...(token.ngrams.length ? token.ngrams.map(drawNgram)
          : [make('p', 'hint', 'No N-gram ends here.')]));
      panel.scrollTop = 0;
    }

    """#

  private static let choosing = #"""
    let chosen = -1;
    function show(other) {
      measure = other;
      colour();
      if (chosen < 0) drawPanel();
      remember();
    }
    function choose(index, focus) {
      chosen = index;
      boxes().forEach((box, place) => {
        box.setAttribute('aria-pressed', place === chosen);
        if (chosen >= 0) box.tabIndex = place === chosen ? 0 : -1;
      });
      bars().forEach((bar, place) => bar.classList.toggle('chosen', place === chosen));
      drawPanel();
      remember();
      const box = chosen < 0 ? null : boxes()[chosen];
      if (box && focus) box.focus({ preventScroll: true });
      if (box) box.scrollIntoView({ block: 'nearest' });
    }

    /* The address keeps what is shown: a link to this view. */
    function remember() {
      const parts = [];
      if (chosen >= 0) parts.push('token=' + chosen);
      if (measure !== measures[0]) parts.push('by=' + measure.name);
      try { history.replaceState(null, '', '#' + parts.join('&')); } catch { }
    }
    function restore() {
      const address = new URLSearchParams(location.hash.slice(1));
      measure = measures.find(one => one.name === address.get('by')) ?? measures[0];
      const index = Number.parseInt(address.get('token') ?? '-1', 10);
      chosen = index >= 0 && index < tokens.length ? index : -1;
      colour();
      choose(chosen);
    }

    const clicked = event => event.target.closest('[data-token]');
    byId('tokens').addEventListener('click', event => {
      const box = clicked(event);
      if (box) choose(Number(box.dataset.token) === chosen ? -1 : Number(box.dataset.token), true);
    });
    byId('strip').addEventListener('click', event => {
      const bar = clicked(event);
      if (bar) choose(Number(bar.dataset.token));
    });
    document.addEventListener('keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const last = tokens.length - 1;
      const focused = event.target.classList?.contains('token')
        ? Number(event.target.dataset.token) : chosen;
      const to = { ArrowRight: Math.min(last, focused + 1), ArrowLeft: Math.max(0, focused - 1),
        Home: 0, End: last }[event.key];
      if (to !== undefined && !event.target.closest?.('.panel, .switch')) {
        choose(to, true);
        event.preventDefault();
      } else if ((event.key === 'Enter' || event.key === ' ')
        && event.target.classList?.contains('token')) {
        choose(Number(event.target.dataset.token), true);
        event.preventDefault();
      } else if (event.key === 'Escape') {
        const before = chosen;
        choose(-1);
        if (before >= 0) boxes()[before].focus({ preventScroll: true });
      } else if ((event.key === 'g' || event.key === 'n') && measures.length > 1) {
        show(measures.find(one => one.name[0] === event.key) ?? measure);
      }
    });
    window.addEventListener('hashchange', restore);
    drawTokens();
    drawSummary();
    restore();
    document.documentElement.dataset.ready = 'yes';
    """#
}
