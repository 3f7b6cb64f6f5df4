/// What the service's page does. What the store says is hostile: it is put on the page as text only.
enum PageScript {
  static let text = [basics, requests, rates, lists, ask, explain, start].joined(separator: "\n")

  private static let basics = #"""
    'use strict';
    const byId = id => document.getElementById(id);
    const make = (name, text, className) => {
      const element = document.createElement(name);
      if (text !== undefined && text !== null) element.textContent = String(text);
      if (className) element.className = className;
      return element;
    };
    const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
    const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
    const bytes = count => {
      const units = ['B', 'KB', 'MB', 'GB', 'TB'];
      let unit = 0;
      while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
      return (unit && count < 100 ? count.toFixed(1) : Math.round(count)) + ' ' + units[unit];
    };
    const time = seconds => {
      if (seconds === null) return '–';
      if (seconds < 0.001) return Math.round(seconds * 1e6) + ' µs';
      return seconds < 1 ? (seconds * 1e3).toFixed(1) + ' ms' : seconds.toFixed(2) + ' s';
    };
    """#

  private static let requests = #"""
    const tokenKey = 'engram-token';
    const stored = () => { try { return sessionStorage.getItem(tokenKey); } catch { return null; } };
    const call = async (path, body, accept) => {
      const headers = { Accept: accept || 'application/json' };
      if (stored()) headers.Authorization = 'Bearer ' + stored();
      if (body) headers['Content-Type'] = 'application/json';
      const response = await fetch(path, {
        method: body ? 'POST' : 'GET', headers, body: body ? JSON.stringify(body) : undefined,
        cache: 'no-store', credentials: 'omit',
      });
      if (response.ok) return response;
      let message = response.status + ' ' + response.statusText;
      try { message = (await response.json()).error.message; } catch { /* no JSON: the status says it */ }
      if (response.status === 401) askForToken();
      throw Object.assign(new Error(message), { status: response.status });
    };
    const json = async (path, body) => (await call(path, body)).json();
    const askForToken = () => {
      const form = byId('token-form');
      byId('token-error').textContent = stored() ? 'This is not the token.' : '';
      if (form.hidden) { form.hidden = false; byId('token').focus(); }
    };
    byId('token-form').addEventListener('submit', event => {
      event.preventDefault();
      try { sessionStorage.setItem(tokenKey, byId('token').value.trim()); } catch { /* not kept */ }
      byId('token').value = '';
      load();
    });
    const state = (text, good) => {
      if (byId('state').textContent !== text) byId('state').textContent = text;
      byId('state').dataset.state = good ? 'good' : 'bad';
    };
    """#

  private static let rates = #"""
    const parseMetrics = text => {
      const series = new Map();
      for (const line of text.split('\n')) {
        const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
        if (!found) continue;
        const labels = {};
        for (const [, name, value] of (found[2] || '').matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)) {
          labels[name] = value.replace(/\\(.)/g, (_, sign) => sign === 'n' ? '\n' : sign);
        }
        if (!series.has(found[1])) series.set(found[1], []);
        series.get(found[1]).push({ labels, value: Number(found[3]) });
      }
      return series;
    };
    const total = (metrics, name) =>
      (metrics.get(name) || []).reduce((sum, sample) => sum + sample.value, 0);
    const quantile = (before, now, part) => {
      const counts = new Map();
      for (const [metrics, sign] of [[now, 1], [before, -1]]) {
        for (const { labels, value } of metrics.get('engram_gather_seconds_bucket') || []) {
          const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
          counts.set(bound, (counts.get(bound) || 0) + sign * value);
        }
      }
      const bounds = [...counts.keys()].sort((a, b) => a - b);
      const all = counts.get(Infinity) || 0;
      if (all <= 0) return null;
      const bound = bounds.find(bound => counts.get(bound) >= part * all);
      return bound === Infinity ? bounds[bounds.length - 2] : bound;
    };
    const history = new Map();
    const tile = (name, text, value) => {
      if (!history.has(name)) {
        const box = make('div');
        const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        svg.setAttribute('viewBox', '0 0 59 20');
        svg.setAttribute('preserveAspectRatio', 'none');
        svg.setAttribute('aria-hidden', 'true');
        const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
        svg.append(line);
        const shown = make('dd');
        box.append(make('dt', name), shown, svg);
        byId('rates').append(box);
        history.set(name, { shown, line, values: [] });
      }
      const { shown, line, values } = history.get(name);
      shown.textContent = text;
      values.push(value);
      if (values.length > 60) values.shift();
      const most = Math.max(...values, 1e-9);
      line.setAttribute('points', values.map((value, index) =>
        (60 - values.length + index) + ',' + (19 - 18 * value / most).toFixed(2)).join(' '));
    };
    let last = null;
    const showRates = text => {
      const now = { at: performance.now(), metrics: parseMetrics(text) };
      const before = last || now;
      last = now;
      const seconds = Math.max((now.at - before.at) / 1000, 1e-3);
      const rate = name => Math.max(0, total(now.metrics, name) - total(before.metrics, name)) / seconds;
      const show = (name, value, text) => tile(name, text, value);
      const rows = rate('engram_rows_total'), sent = rate('engram_row_bytes_total');
      const asked = rate('engram_requests_total');
      const slow = quantile(before.metrics, now.metrics, 0.99);
      show('rows a second', rows, compact.format(rows));
      show('row bytes a second', sent, bytes(sent));
      show('requests a second', asked, compact.format(asked));
      show('gather, 99 % within', slow || 0, time(slow));
      show('cold pages a second', rate('engram_cold_pages_total'),
        compact.format(rate('engram_cold_pages_total')));
      const failures = total(now.metrics, 'engram_checksum_failures_total');
      show('checksum failures', failures, grouped.format(failures));
      const open = total(now.metrics, 'engram_connections');
      show('connections', open, grouped.format(open));
      const memory = total(now.metrics, 'process_private_memory_bytes');
      show('memory', memory, bytes(memory));
      for (const cell of document.querySelectorAll('[data-rows-of]')) {
        const of = metrics => (metrics.get('engram_rows_total') || [])
          .filter(({ labels }) => labels.table === cell.dataset.rowsOf)
          .reduce((sum, { value }) => sum + value, 0);
        cell.textContent = compact.format(Math.max(0, of(now.metrics) - of(before.metrics)) / seconds);
      }
    };
    """#

  private static let lists = #"""
    const list = (place, columns, items, empty) => {
      const target = byId(place);
      target.replaceChildren();
      if (!items.length) { target.append(make('p', empty, 'soft')); return; }
      const table = make('table'), head = make('tr'), body = make('tbody');
      for (const [title, , kind] of columns) {
        const cell = make('th', title, kind);
        cell.scope = 'col';
        head.append(cell);
      }
      for (const item of items) {
        const row = make('tr');
        for (const [, value, kind, setUp] of columns) {
          const cell = make('td', value(item), kind);
          if (setUp) setUp(cell, item);
          row.append(cell);
        }
        body.append(row);
      }
      const top = make('thead');
      top.append(head);
      table.append(top, body);
      target.append(table);
    };
    const title = item => item.name + '@' + item.version;
    const choose = (place, values, first) => {
      const select = byId(place), before = select.value;
      const texts = first === undefined ? values : [first, ...values];
      select.replaceChildren(...texts.map((text, index) => {
        const option = make('option', text);
        option.value = first !== undefined && index === 0 ? '' : text;
        return option;
      }));
      if (values.includes(before)) select.value = before;
    };
    const number = name => item => grouped.format(item[name]);
    const loadContexts = async store => {
      byId('contexts-section').hidden = store.contexts === undefined;
      if (store.contexts === undefined) return;
      const { statistics, namespaces } = await json('/v1/contexts');
      const { used_bytes: used, capacity_bytes: most } = statistics;
      const { found_blocks: found, looked_up_blocks: asked } = statistics;
      byId('contexts-use').textContent = bytes(used) + ' of ' + bytes(most) + ' used, '
        + grouped.format(statistics.blocks) + ' blocks, '
        + (asked ? Math.round(100 * found / asked) + ' % of the blocks asked for were found' : 'not asked yet')
        + ', ' + grouped.format(statistics.evicted_blocks) + ' evicted';
      list('contexts', [
        ['model', item => item.model, 'name'], ['revision', item => item.revision],
        ['groups', item => item.groups.map(group => group.name).join(', ')],
        ['tokens a block', number('block_tokens'), 'number'], ['blocks', number('blocks'), 'number'],
        ['size', item => bytes(item.bytes), 'number'], ['pinned', number('pinned'), 'number'],
        ['id', item => item.id.slice(0, 12), 'soft'],
      ], namespaces, 'The context store has no namespace.');
    };
    let seen = '';
    const loadLists = async () => {
      const [store, tables, datasets, indexes] = await Promise.all(
        ['store', 'tables', 'datasets', 'indexes'].map(name => json('/v1/' + name)));
      const now = JSON.stringify([tables, datasets, indexes]);
      byId('release').textContent = store.version;
      await loadContexts(store);
      if (now === seen) return;
      seen = now;
      list('tables', [
        ['name', title, 'name'], ['rows', number('rows'), 'number'],
        ['dimension', number('dimension'), 'number'], ['codec', item => item.codec],
        ['found by', item => item.foundBy], ['size', item => bytes(item.bytes), 'number'],
        ['rows/s now', () => '0', 'number', (cell, item) => { cell.dataset.rowsOf = item.name; }],
        ['published', item => item.published],
      ], tables.tables, 'The store has no table.');
      const indexed = new Map(indexes.indexes.map(
        index => [index.dataset + '@' + index.version, index.passages]));
      list('datasets', [
        ['name', title, 'name'], ['kind', item => item.kind],
        ['samples', number('samples'), 'number'], ['size', item => bytes(item.bytes), 'number'],
        ['passages', item => indexed.has(title(item)) ? grouped.format(indexed.get(title(item))) : '–',
          'number'], ['published', item => item.published],
      ], datasets.datasets, 'The store has no dataset.');
      const titles = [...indexed.keys()];
      choose('ask-dataset', titles);
      choose('explain-dataset', titles, 'no dataset');
      choose('explain-memory', tables.tables.filter(item => item.foundBy !== 'number').map(title));
    };
    """#

  private static let ask = #"""
    const submits = (name, body) => {
      const form = byId(name), button = form.querySelector('button');
      form.addEventListener('submit', async event => {
        event.preventDefault();
        byId(name + '-error').textContent = '';
        button.disabled = true;
        try { await body(); } catch (error) { byId(name + '-error').textContent = error.message; }
        button.disabled = false;
      });
    };
    submits('ask', async () => {
      byId('passages').replaceChildren();
      const answer = await json('/v1/query', {
        datasets: [byId('ask-dataset').value], question: byId('ask-question').value,
        limit: Number(byId('ask-limit').value),
      });
      byId('passages').replaceChildren(...answer.passages.map(passage => {
        const item = make('li');
        item.append(
          make('strong', passage.title || passage.source || passage.id || 'passage'),
          make('span', '  ' + passage.dataset + '@' + passage.version + ', sample ' + passage.sample
            + ', bytes ' + passage.start + ' to ' + passage.end + ', score '
            + passage.score.toFixed(3), 'soft'),
          make('p', passage.text));
        return item;
      }));
      if (!answer.passages.length) byId('passages').append(make('li', 'Nothing was found.'));
    });
    """#

  private static let explain = #"""
    const showToken = (token, button) => {
      for (const other of byId('tokens').children) {
        other.setAttribute('aria-pressed', String(other === button));
      }
      list('ngrams', [
        ['N-gram', item => item.text, 'name'], ['order', item => item.order, 'number'],
        ['norm', item => Number(item.norm).toFixed(3), 'number'],
        ['count', item => item.count === undefined ? '–' : grouped.format(item.count), 'number'],
        ['rows', item => item.rows.map(row => row.id).join(', ')],
        ['passages', item => item.passages ? item.passages.found.map(
          found => found.before + found.match + found.after).join(' … ') : '–'],
      ], token.ngrams, 'No N-gram ends at this token.');
    };
    submits('explain', async () => {
      byId('tokens').replaceChildren();
      byId('ngrams').replaceChildren();
      const body = { memory: byId('explain-memory').value, text: byId('explain-text').value };
      if (byId('explain-dataset').value) body.dataset = byId('explain-dataset').value;
      if (byId('explain-counts').value.trim()) body.counts = byId('explain-counts').value.trim();
      const answer = await json('/v1/explain', body);
      const buttons = answer.tokens.map(token => {
        const button = make('button', token.text);
        button.type = 'button';
        button.title = 'token ' + token.id + ', norm ' + Number(token.norm).toFixed(3)
          + (token.gates ? ', gates ' + token.gates.map(gate => Number(gate).toFixed(2)).join(' ') : '');
        button.setAttribute('aria-pressed', 'false');
        button.addEventListener('click', () => showToken(token, button));
        return button;
      });
      byId('tokens').replaceChildren(...buttons);
      if (buttons.length) showToken(answer.tokens[answer.tokens.length - 1], buttons[buttons.length - 1]);
    });
    """#

  private static let start = #"""
    let rounds = 0;
    let isLoading = false;
    const load = async () => {
      if (isLoading) return;
      isLoading = true;
      try {
        if (rounds % 5 === 0) await loadLists();
        showRates(await (await call('/metrics', undefined, 'text/plain')).text());
        rounds += 1;
        byId('token-form').hidden = true;
        state('ready', true);
        document.documentElement.dataset.ready = 'yes';
      } catch (error) {
        rounds = 0;
        state(error.status === 401 ? 'waits for the token'
          : error.status ? error.message : 'the service does not answer', false);
        document.documentElement.dataset.ready = error.status === 401 ? 'token' : 'no';
      }
      isLoading = false;
    };
    load();
    setInterval(() => {
      if (!document.hidden && document.documentElement.dataset.ready !== 'token') load();
    }, 2000);
    """#
}
