/* Comfort only: every figure is readable without this file. Plain ES2020 script, because a page opened from a folder
   may neither fetch nor load modules. */
(function () {
  "use strict";
  var doc = document;
  var body = doc.body;
  /* Words come from the page, so that this file is the same in every language. */
  var words = (body.dataset.words || "").split("|");

  function make(tag, text, parent) {
    var node = doc.createElement(tag);
    if (text) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  /* A cell's sorting value: numbers before words, words by their text, empty last. */
  function keyOf(cell) {
    var text = cell ? cell.textContent.trim() : "";
    var match = /^[≈≤≥]?([+−-]?[\d,]+(?:\.\d+)?)/.exec(text);
    if (match) return [0, parseFloat(match[1].replace(/,/g, "").replace("−", "-")), text];
    return [text ? 1 : 2, 0, text];
  }

  function compare(a, b, sign) {
    if (a[0] !== b[0]) return a[0] - b[0];
    if (a[0] === 0 && a[1] !== b[1]) return sign * (a[1] - b[1]);
    return sign * (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
  }

  function sortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    var live = make("p", "", null);
    live.className = "vh";
    live.setAttribute("role", "status");
    table.parentNode.parentNode.insertBefore(live, table.parentNode);
    heads.forEach(function (head, column) {
      var name = head.textContent;
      var button = make("button", "", null);
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      button.querySelectorAll("a").forEach(function (a) { a.replaceWith(a.textContent); });
      head.appendChild(button);
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        var part = table.tBodies[0];
        var rows = Array.prototype.slice.call(part.rows).map(function (row, i) {
          return { row: row, key: keyOf(row.cells[column]), i: i };
        });
        rows.sort(function (a, b) { return compare(a.key, b.key, up ? 1 : -1) || a.i - b.i; });
        rows.forEach(function (item) { part.appendChild(item.row); });
        live.textContent = name + (up ? words[2] : words[3]);
      });
    });
  }

  function filterable(table) {
    var box = make("div", "", null);
    box.className = "tool";
    var label = make("label", words[0] + " ", box);
    var input = make("input", "", label);
    input.type = "search";
    var count = make("span", "", box);
    count.setAttribute("role", "status");
    var csv = make("button", words[1], box);
    csv.type = "button";
    table.parentNode.parentNode.insertBefore(box, table.parentNode);
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    input.addEventListener("input", function () {
      var parts = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row, i) {
        var fits = parts.every(function (word) { return texts[i].indexOf(word) >= 0; });
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      count.textContent = parts.length ? shown + " / " + rows.length + " " + words[4] : "";
    });
    csv.addEventListener("click", function () { download(table); });
  }

  /* Spreadsheets run cells that look like formulas: such text gets a quote in front. */
  function field(cell) {
    var text = cell.textContent.trim();
    if (/^[=@\t\r]|^[+-](?![\d.])/.test(text)) text = "'" + text;
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function download(table) {
    var lines = Array.prototype.slice.call(table.rows)
      .filter(function (row) { return !row.hidden; })
      .map(function (row) { return Array.prototype.map.call(row.cells, field).join(","); });
    var link = make("a", "", body);
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n")], { type: "text/csv" }));
    link.download = doc.title.split(" · ")[0] + ".csv";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); link.remove(); }, 1000);
  }

  /* A script of data is asked for when somebody needs it: pages opened from a folder may not fetch. */
  function data(path, then) {
    var script = make("script", "", null);
    script.src = body.dataset.assets + path;
    script.addEventListener("load", then);
    body.appendChild(script);
  }

  function hex(code) {
    if (/^[0-9A-Za-z_]+$/.test(code)) return code;
    return "x" + Array.prototype.map.call(new TextEncoder().encode(code), function (b) {
      return (b < 16 ? "0" : "") + b.toString(16);
    }).join("");
  }

  /* The schools of the index: what is shown, where it leads, and the text that is searched. */
  function schoolsOf(index) {
    var sound = {};
    Object.keys(index.letters).forEach(function (letter) {
      Array.from(index.letters[letter]).forEach(function (char) { sound[char] = letter; });
    });
    function letters(name) {
      return Array.from(name, function (char) { return sound[char] || char; }).join("");
    }
    var found = [];
    index.counties.forEach(function (county) {
      var area = county[0] + " " + letters(county[0]);
      county[3].split("\n").forEach(function (line) {
        if (!line) return;
        var cells = line.split("|");
        var code = county[2] + cells[0];
        var name = cells[1].charAt(0) === "~" ? county[0] + cells[1].slice(1) : cells[1];
        var own = "";
        var others = cells.slice(2).filter(function (cell) {
          if (cell.charAt(0) === "=") own = cell.slice(1);
          return cell.charAt(0) !== "=";
        });
        var text = [name, own || letters(name), code, area].concat(others, others.map(letters)).join(" ");
        found.push({
          code: code, name: name, county: county[0], others: others,
          href: body.dataset.root + county[1] + hex(code) + ".html", folder: county[1], text: text.toLowerCase()
        });
      });
    });
    return found;
  }

  function partsOf(text) {
    return text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  }

  /* Every word must be found somewhere; names that begin with the first word come first. */
  function matches(schools, parts) {
    return schools.filter(function (school) {
      return parts.every(function (word) { return school.text.indexOf(word) >= 0; });
    }).map(function (school, i) {
      return { school: school, rank: school.text.indexOf(parts[0]) ? 1 : 0, i: i };
    }).sort(function (a, b) { return a.rank - b.rank || a.i - b.i; }).map(function (x) { return x.school; });
  }

  /* A box with a list below it: arrows choose, Enter takes, Escape closes. */
  function combobox(input, list, said, taken) {
    var schools = null;
    var shown = [];
    var at = -1;
    function mark(i) {
      if (at >= 0 && list.children[at]) list.children[at].setAttribute("aria-selected", "false");
      at = i;
      if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
      var item = list.children[at];
      item.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
    function close() {
      list.textContent = "";
      shown = [];
      mark(-1);
      input.setAttribute("aria-expanded", "false");
    }
    function show() {
      var parts = partsOf(input.value);
      close();
      if (!schools || !parts.length) { said.textContent = ""; return; }
      var found = matches(schools, parts);
      said.textContent = found.length ? words[5].replace("%(n)s", found.length) : words[9];
      shown = found.slice(0, 50);
      if (found.length > shown.length) said.textContent += words[8];
      shown.forEach(function (school, i) {
        var item = make("li", "", list);
        item.id = list.id + "-" + i;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        make("b", school.name, item);
        make("small", " " + [school.county, school.code].concat(school.others).join(" "), item);
        item.addEventListener("click", function () { taken(school, input, close); });
      });
      input.setAttribute("aria-expanded", shown.length ? "true" : "false");
    }
    function need() {
      if (schools) return;
      schools = [];
      data("schools.js", function () { schools = schoolsOf(window.junhengSchools); show(); });
    }
    input.addEventListener("focus", need);
    input.addEventListener("input", function () { need(); show(); });
    input.addEventListener("keydown", function (event) {
      var last = shown.length - 1;
      var to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last }[event.key];
      if (to !== undefined && last >= 0) { event.preventDefault(); mark(to); }
      else if (event.key === "Enter" && last >= 0) { event.preventDefault(); taken(shown[Math.max(at, 0)], input, close); }
      else if (event.key === "Escape") { close(); }
    });
    return function (text) { input.value = text; need(); };
  }

  function search() {
    var find = doc.querySelector(".find");
    if (!find) return;
    find.hidden = false;
    var ask = combobox(doc.getElementById("q"), doc.getElementById("qr"), doc.getElementById("qn"), function (school) {
      location.href = school.href;
    });
    try {
      var asked = new URLSearchParams(location.search).get("q");
      if (asked) ask(asked);
    } catch (error) { /* an odd address only means an empty box */ }
  }

  /* Two areas or schools side by side; the words of the cells come ready made. */
  function comparison() {
    var place = doc.querySelector(".cmp");
    if (!place) return;
    place.hidden = false;
    doc.getElementById("noscript").hidden = true;
    var own = place.dataset.words.split("|");
    var table = doc.getElementById("both");
    function row(parent, cells, tag) {
      var line = make("tr", "", parent);
      cells.forEach(function (cell, i) {
        var node = make(i ? tag : "th", "", line);
        if (tag === "th" || !i) node.setAttribute("scope", i || tag === "th" ? "col" : "row");
        cell(node);
      });
    }
    function word(text) { return function (node) { node.textContent = text; }; }
    function figure(cell, id) {
      return function (node) {
        if (!cell) { node.textContent = own[1]; return; }
        if (cell[0]) make("b", cell[0], node).dataset.f = id;
        var status = make("span", cell[2], node);
        status.className = "s " + cell[1];
        if (cell[3]) make("small", " " + cell[3], node);
      };
    }
    /* Whether two shares differ by more than chance: two-proportion test at 99.8 %, since a table makes many of them.
       An area within the other is set against the rest of it. */
    function apart(head, x, y, a, b) {
      if (!head[5] || !x || !y || !x[5] || !y[5]) return "";
      var n = [+x[5], +y[5]];
      var k = [+x[4], +y[4]];
      var share = [k[0] / n[0], k[1] / n[1]];
      var outer = a.above === b.code ? 1 : b.above === a.code ? 0 : -1;
      if (outer >= 0) { n[outer] -= n[1 - outer]; k[outer] -= k[1 - outer]; }
      var p = (k[0] + k[1]) / (n[0] + n[1]);
      if (!(Math.min(n[0], n[1]) * Math.min(p, 1 - p) >= 5)) return own[5];
      var z = (k[0] / n[0] - k[1] / n[1]) / Math.sqrt(p * (1 - p) * (1 / n[0] + 1 / n[1]));
      if (Math.abs(z) < 3.090232) return own[3];
      return own[4].replace("%(name)s", ((share[0] > share[1]) === (head[5] > 0) ? a : b).name);
    }
    function draw(a, b) {
      table.tHead.textContent = "";
      table.tBodies[0].textContent = "";
      if (a.code === b.code) { table.caption.textContent = own[6]; return; }
      var heads = {};
      var found = {};
      [a, b].forEach(function (one, k) {
        one.heads.forEach(function (head, i) {
          if (!one.cells[i]) return;
          var cell = one.cells[i].split("|");
          heads[head[0]] = head;
          found[head[0]] = found[head[0]] || [];
          found[head[0]][k] = cell;
          cell.id = [head[3], one.level, one.code, cell[6] || head[4], "all"].join(".");
        });
      });
      var left = 0;
      Object.keys(heads).forEach(function (name) {
        var x = found[name][0];
        var y = found[name][1];
        if (!(x && x[0]) && !(y && y[0])) { left += 1; return; }
        row(table.tBodies[0], [function (node) {
          make("a", name, node).href = body.dataset.root + heads[name][1];
          make("small", " " + heads[name][2], node);
        }, figure(x, x && x.id), figure(y, y && y.id), word(apart(heads[name], x, y, a, b))], "td");
      });
      if (table.tBodies[0].rows.length) row(table.tHead, [word(own[0]), word(a.name), word(b.name), word(own[2])], "th");
      table.caption.textContent = a.name + " · " + b.name + " — " + own[8] + (left ? own[7].replace("%(n)s", left) : "");
    }
    function of(book, code) {
      var r = book.rows.filter(function (one) { return one[0] === code; })[0];
      return r && { code: r[0], name: r[1], heads: book.heads, cells: r[2].split("\n"), level: r[3], above: r[4] };
    }
    data("../" + (body.dataset.tree || "") + "areas.js", function () {
      var book = window.junhengFigures.areas;
      book.rows = book.rows.filter(function (r) { return r[2]; });
      if (book.rows.length < 2) {
        doc.querySelector("#areas .pick").hidden = true;
        make("p", own[9], doc.getElementById("areas"));
        return;
      }
      /* Two counties to begin with, where there are two. */
      var first = book.rows.findIndex(function (r, i) { return r[3] === "county" && book.rows[i + 1]; });
      var picks = ["a1", "a2"].map(function (id, k) {
        var pick = doc.getElementById(id);
        book.rows.forEach(function (r, i) {
          var option = make("option", r[1], pick);
          option.value = r[0];
          option.selected = i === (first < 0 ? k : first + k);
        });
        return pick;
      });
      function both() {
        var a = of(book, picks[0].value);
        var b = of(book, picks[1].value);
        if (a && b) draw(a, b);
      }
      picks.forEach(function (pick) { pick.addEventListener("change", both); });
      both();
    });
    var chosen = [];
    ["1", "2"].forEach(function (k, i) {
      var input = doc.getElementById("s" + k);
      if (!input) return;
      combobox(input, doc.getElementById("l" + k), doc.getElementById("n" + k), function (school, box, close) {
        box.value = school.name;
        close();
        var county = school.folder.split("/")[1];
        data("../" + (body.dataset.tree || "") + "county/" + county + "/figures.js", function () {
          chosen[i] = of(window.junhengFigures[county], school.code);
          if (chosen[0] && chosen[1]) draw(chosen[0], chosen[1]);
        });
      });
    });
  }

  /* Tips for chart marks that carry a title: shown at once, also by touch. */
  function tips() {
    var tip = null;
    function hide() { if (tip) { tip.remove(); tip = null; } }
    doc.addEventListener("pointerover", function (event) {
      var mark = event.target.closest && event.target.closest(".chart rect,.chart circle,.chart polygon");
      hide();
      var title = mark && mark.querySelector("title");
      if (!title) return;
      tip = make("div", title.textContent, body);
      tip.className = "tip";
      tip.setAttribute("aria-hidden", "true");
      tip.style.left = Math.min(event.pageX + 12, doc.documentElement.clientWidth - 200) + "px";
      tip.style.top = event.pageY + 14 + "px";
    });
    doc.addEventListener("pointerleave", hide);
    doc.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
  }

  /* Which releases there are is asked for when the page is complete and at rest: nobody waits for it. */
  function releases() {
    if (!body.dataset.release) return;
    window.addEventListener("load", function () {
      (window.requestIdleCallback || setTimeout)(function () { data("../../../releases.js", newer); });
    });
  }

  function newer() {
    var known = window.junhengReleases;
    var own = body.dataset.release;
    var latest = known && own && known[body.dataset.year];
    var place = doc.querySelector(".newer");
    if (!latest || latest === own || !place) return;
    place.hidden = false;
    place.textContent = words[6] + " " + latest + " ";
    var link = make("a", words[7], place);
    link.href = body.dataset.assets + "../../" + latest + "/index.html";
  }

  /* Closed details do not print. */
  function printing() {
    var opened = [];
    window.addEventListener("beforeprint", function () {
      opened = Array.prototype.filter.call(doc.querySelectorAll("details"), function (d) { return !d.open; });
      opened.forEach(function (d) { d.open = true; });
    });
    window.addEventListener("afterprint", function () {
      opened.forEach(function (d) { d.open = false; });
    });
  }

  /* A link to a figure inside a closed part opens that part. */
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var target = id && doc.getElementById(id);
    var part = target && target.closest("details");
    while (part) {
      part.open = true;
      part = part.parentElement.closest("details");
      target.scrollIntoView();
    }
  }

  /* Tables wider than the screen say so; what is folded away has no width yet and is left alone. */
  function wide(box) {
    if (box.scrollWidth <= box.clientWidth + 8) return;
    var hint = make("p", words[10], null);
    hint.className = "tool wide";
    box.parentNode.insertBefore(hint, box);
  }

  doc.querySelectorAll("table.sort").forEach(sortable);
  doc.querySelectorAll("table.filter").forEach(filterable);
  search();
  comparison();
  doc.querySelectorAll(".scroll").forEach(wide);
  tips();
  releases();
  printing();
  reveal();
  window.addEventListener("hashchange", reveal);
})();
