// The draft's page: evidence in focus, keys, words that are not lost, and what a dropped connection leaves open.
// Without this file decisions are made all the same: every button is a form's.
(() => {
  "use strict";
  const desk = document.querySelector(".desk");
  if (!desk) return;
  const draft = document.getElementById("draft");
  const policy = document.getElementById("policy");
  const opener = document.getElementById("opener");
  const told = document.getElementById("told");
  const problem = document.getElementById("problem");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const $ = (id) => document.getElementById(id);

  // What is remembered in this browser. It may be forbidden or full; the page works all the same.
  const memory = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  // --- Which claims rest on which passage -------------------------------------------------------------------------
  let resting = new Map(); // passage id -> the units that quote it, in the draft's order
  const stands = (unit) => !unit.matches(".rejected, .gone");
  const quotesOf = (unit) => [...unit.querySelectorAll(":scope > .evidence > li[data-passage]")];
  const nameOf = (unit) => unit.querySelector(".unit-name > .unseen").textContent.replace(/,\s*$/, "");

  function rangeOf(quote) {
    const passage = $(quote.dataset.passage);
    const text = passage && passage.querySelector(":scope > p");
    if (!text?.firstChild) return null;
    const range = new Range();
    range.setStart(...placeIn(text, +quote.dataset.start));
    range.setEnd(...placeIn(text, +quote.dataset.end));
    return range;
  }
  // The node and offset of a place in a passage's text: the cells of a table's row are nodes of their own.
  function placeIn(text, offset) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let node = walker.nextNode();
    while (offset > node.length) {
      const next = walker.nextNode();
      if (!next) return [node, node.length];
      offset -= node.length;
      node = next;
    }
    return [node, offset];
  }

  function mark(name, quotes, priority) {
    if (!("highlights" in CSS)) return;
    const light = new Highlight(...quotes.map(rangeOf).filter(Boolean));
    light.priority = priority;
    CSS.highlights.set(name, light);
  }

  function join() {
    resting = new Map();
    const all = [];
    for (const unit of draft.querySelectorAll(".unit")) {
      if (!stands(unit)) continue;
      for (const quote of quotesOf(unit)) {
        all.push(quote);
        const list = resting.get(quote.dataset.passage) ?? [];
        if (list[list.length - 1] !== unit) list.push(unit);
        resting.set(quote.dataset.passage, list);
      }
    }
    mark("used", all, 0);
    for (const passage of policy.querySelectorAll(".passage")) {
      const units = resting.get(passage.id);
      passage.classList.toggle("has", !!units);
      let badge = passage.querySelector(":scope > .rests");
      const list = passage.querySelector(":scope > .resting");
      if (list) { list.remove(); if (units) openResting(passage, units); }
      if (!units) { badge?.remove(); continue; }
      if (!badge) {
        badge = document.createElement("button");
        badge.type = "button";
        badge.className = "rests";
        passage.append(badge);
      }
      const count = String(units.length);
      if (badge.textContent !== count) {
        badge.textContent = count;
        badge.setAttribute("aria-label", `${count} ${units.length === 1 ? "claim rests" : "claims rest"} on passage ${passage.id}`);
      }
    }
    $("show-unused").textContent = `Unused passages (${unusedOnes().length})`;
    tellUnused();
  }

  // --- The claim in focus -----------------------------------------------------------------------------------------
  let current = null;
  const units = () => [...draft.querySelectorAll(".unit")];

  function scrollTo(pane, element, where = "center", behavior = calm.matches ? "auto" : "smooth") {
    if (!element) return;
    const box = element.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (where === "center" && box.top > frame.top + 60 && box.bottom < frame.bottom - 20) return; // it is seen
    element.scrollIntoView({ block: box.height > frame.height * 0.7 ? "start" : where, behavior });
  }

  // What a reader sees of the draft, below the line of its parts.
  function frameOf() {
    const box = draft.getBoundingClientRect();
    const parts = draft.querySelector(".contents").getBoundingClientRect();
    return { top: Math.max(parts.bottom, 0), bottom: Math.min(box.bottom, innerHeight) };
  }
  function inView(unit) {
    const box = (unit.querySelector(":scope > .sentence, :scope > .title") ?? unit.querySelector(":scope > .unit-top")).getBoundingClientRect();
    const frame = frameOf();
    return box.height > 0 && Math.min(box.bottom, frame.bottom) - Math.max(box.top, frame.top) >= Math.min(box.height, 16);
  }
  // The first claim that a reader sees, or that comes next: keys go on from there when the claim in focus is out of view.
  function firstInView() {
    const { top } = frameOf();
    const below = (one) => one.getBoundingClientRect().bottom - 16 > top;
    const cards = [...draft.querySelectorAll(".card")];
    // Cards have a box wherever they are; what is inside one has it for certain only near the view.
    let low = 0;
    for (let high = cards.length; low < high;) {
      const middle = (low + high) >> 1;
      if (below(cards[middle])) high = middle; else low = middle + 1;
    }
    const near = cards.slice(low, low + 2).flatMap((card) => [...card.querySelectorAll(".unit")]).filter(below);
    // Of one that ends in view only its evidence is left to see.
    return (near[0] && !inView(near[0]) && near[1] && inView(near[1]) ? near[1] : near[0]) ?? null;
  }

  function focusOn(unit, { follow = true } = {}) {
    if (!unit) return;
    if (current !== unit) {
      // The claim before folds its evidence and this one unfolds it: what is looked at stays where it is.
      const top = inView(unit) ? unit.getBoundingClientRect().top : null;
      current?.classList.remove("current");
      current = unit;
      unit.classList.add("current");
      if (top !== null) draft.scrollTop += unit.getBoundingClientRect().top - top;
    }
    light(follow);
  }

  function light(follow) {
    for (const passage of policy.querySelectorAll(".passage.in-focus")) passage.classList.remove("in-focus");
    const quotes = current ? quotesOf(current) : [];
    mark("evidence", quotes, 1);
    const passages = [...new Set(quotes.map((q) => q.dataset.passage))].map($).filter(Boolean);
    for (const passage of passages) passage.classList.add("in-focus");
    if (follow && passages.length) scrollTo(policy, passages[0]);
  }

  // At once: the next key may be there before a slow scroll is over, and is about what is in view.
  function go(unit, { keep = false } = {}) {
    if (!unit) return;
    unit.focus({ preventScroll: true });
    focusOn(unit);
    if (!keep || !inView(unit)) scrollTo(draft, unit, "nearest", "auto");
  }
  function leave() {
    current?.classList.remove("current");
    current = null;
    light(false);
  }

  // A press brings a claim into focus when it is over: a button must not move away between press and release.
  let pressing = false;
  addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const over of ["click", "pointercancel", "keydown"]) addEventListener(over, () => { pressing = false; }, true);
  draft.addEventListener("focusin", (e) => {
    const unit = e.target.closest(".unit");
    if (unit && unit !== current && !pressing) focusOn(unit);
  });
  draft.addEventListener("click", (e) => {
    const link = e.target.closest("a.passage-id, .evidence li[data-passage]");
    const unit = e.target.closest(".unit");
    if (link && !e.target.closest("button")) {
      e.preventDefault();
      const id = link.dataset.passage ?? decodeURIComponent(link.hash.slice(1));
      if (unit) focusOn(unit, { follow: false });
      show("policy");
      scrollTo(policy, $(id));
      return;
    }
    if (!unit) return;
    if (!e.target.closest("a, button, input, select, textarea, label, summary") && getSelection().isCollapsed) unit.focus({ preventScroll: true });
    if (unit !== current) focusOn(unit);
  });
  // A link to a claim, in the list of findings or anywhere else, brings it into focus.
  document.addEventListener("click", (e) => {
    const link = e.target.closest('a[href^="#"]');
    if (!link || e.defaultPrevented) return;
    const target = $(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    if (target.matches(".unit")) { e.preventDefault(); show("draft"); go(target); }
    else if (draft.contains(target)) { e.preventDefault(); show("draft"); leave(); target.scrollIntoView({ block: "start" }); target.focus({ preventScroll: true }); }
    else if (target.closest(".pane")) { e.preventDefault(); show(target.closest("#policy") ? "policy" : "draft"); target.scrollIntoView({ block: "start" }); target.focus({ preventScroll: true }); }
  });

  // --- The policy: from a passage to what rests on it, and passages that nothing rests on -----------------------------
  policy.addEventListener("click", (e) => {
    const jump = e.target.closest(".resting button");
    if (jump) { show("draft"); go($(jump.dataset.unit)); return; }
    const passage = e.target.closest(".passage");
    if (!passage || e.target.closest("a, summary, .finding") || !getSelection().isCollapsed) return;
    const list = resting.get(passage.id);
    const open = passage.querySelector(":scope > .resting");
    for (const other of policy.querySelectorAll(".resting")) other.remove();
    if (!list || open) return;
    if (list.length === 1) { show("draft"); go(list[0]); return; }
    const box = openResting(passage, list);
    if (e.target.closest(".rests")) box.firstChild.focus();
  });
  function openResting(passage, list) {
    const box = document.createElement("div");
    box.className = "resting";
    box.lang = "en";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Claims that rest on passage ${passage.id}`);
    for (const unit of list) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.unit = unit.id;
      button.textContent = nameOf(unit);
      box.append(button);
    }
    passage.append(box);
    return box;
  }

  // A line that only leads to others, a heading or a greeting, says nothing that a claim could rest on.
  const bare = (text) => text.endsWith(":") || (!/[\p{N}.!?。！？…]/u.test(text) && text.split(/\s+/u).length <= 6);
  for (const passage of policy.querySelectorAll(".passage.sentence")) passage.classList.toggle("bare", bare(passage.querySelector(":scope > p").textContent.trim()));
  const unusedOnes = () => [...policy.querySelectorAll(".passage:not(.has, .bare)")];
  $("policy-tools").hidden = false;
  $("show-unused").addEventListener("click", (e) => {
    const on = policy.classList.toggle("show-unused");
    e.currentTarget.setAttribute("aria-pressed", String(on));
    $("unused-before").hidden = $("unused-after").hidden = !on;
    if (on) { unusedNow = null; stepUnused(1); } else tellUnused();
  });
  let unusedNow = null;
  function stepUnused(by) {
    const all = unusedOnes();
    if (!all.length) return say("Every passage is used.");
    // One that is used by now has still its place among the others.
    const after = unusedNow ? all.findIndex((p) => p === unusedNow || unusedNow.compareDocumentPosition(p) & Node.DOCUMENT_POSITION_FOLLOWING) : -1;
    const on = after >= 0 && all[after] === unusedNow;
    const at = !unusedNow ? (by > 0 ? 0 : -1) : after < 0 ? (by > 0 ? 0 : -1) : by > 0 ? after + (on ? 1 : 0) : after - 1;
    unusedNow = all[(at + all.length) % all.length];
    unusedNow.focus({ preventScroll: true });
    unusedNow.scrollIntoView({ block: "center" });
    tellUnused();
  }
  function tellUnused() {
    for (const before of policy.querySelectorAll(".unused-now")) before.classList.remove("unused-now");
    const on = policy.classList.contains("show-unused");
    const all = unusedOnes();
    const at = all.indexOf(unusedNow);
    if (on && at >= 0) unusedNow.classList.add("unused-now");
    $("unused-at").textContent = !on || !all.length ? "" : at < 0 ? `${all.length} left` : `${at + 1} of ${all.length}`;
  }
  policy.addEventListener("focusin", (e) => { if (policy.classList.contains("show-unused") && e.target.matches(".passage:not(.has, .bare)")) { unusedNow = e.target; tellUnused(); } });
  $("unused-before").addEventListener("click", () => stepUnused(-1));
  $("unused-after").addEventListener("click", () => stepUnused(1));

  // --- One pane or both, where there is room for one -------------------------------------------------------------------
  const narrow = matchMedia("(max-width: 68rem)");
  function setView(view) {
    desk.dataset.view = view;
    for (const tab of desk.querySelectorAll(".view-tabs button")) tab.setAttribute("aria-pressed", String(tab.dataset.view === view));
  }
  function show(pane) {
    if (narrow.matches && desk.dataset.view !== "both" && desk.dataset.view !== pane) setView(pane);
  }
  for (const tab of desk.querySelectorAll(".view-tabs button")) tab.addEventListener("click", () => setView(tab.dataset.view));
  setView("both");

  // --- What is told ------------------------------------------------------------------------------------------------
  let fading = 0;
  function say(words) {
    told.textContent = words;
    told.classList.add("fresh");
    clearTimeout(fading);
    fading = setTimeout(() => told.classList.remove("fresh"), 6000);
  }

  // --- Forms: opened in their place, kept while they are not saved --------------------------------------------------------
  function forget(form) {
    memory.drop(keyOf(form));
    memory.drop(`${keyOf(form)} where`);
  }
  const keyOf = (form) => `clausewise ${desk.dataset.review} ${desk.dataset.person} ${form.dataset.keep}`;
  const written = (form) => [...new FormData(form)].filter(([name]) => name.startsWith("f.") || name === "reason");

  function slotOf(open) {
    const [kind, path] = open.split(" ");
    if (kind === "add") {
      const list = $(`slot-list-${path.replaceAll(".", "-")}`);
      return list ?? [...draft.querySelectorAll(".unit[data-path]")].find((u) => u.dataset.path === path.replace(/\.what_you_can_do$/, ""))?.closest(".card").querySelector(":scope > .slot");
    }
    const unit = units().find((u) => u.dataset.path === path);
    return unit ? unit.querySelector(":scope > .slot") : $("slot-new");
  }

  async function openForm(open, quoted = [], { focus = true, again = false } = {}) {
    const slot = slotOf(open);
    if (!slot) return null;
    const query = new URLSearchParams({ open });
    for (const [passage, words] of quoted) { query.append("passage", passage); query.append("quote", words); }
    let response;
    try {
      response = await fetch(`${desk.dataset.here}/form?${query}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    } catch {
      say("The connection dropped; the form cannot be loaded. Try again.");
      return null;
    }
    const body = await response.text();
    if (!response.ok) {
      // What was written about is gone, or closed: the words stay in this browser, and nobody is told of them each time.
      if (!again) problem.innerHTML = body; // from our own server, escaped there
      return null;
    }
    slot.innerHTML = body;
    htmx.process(slot);
    const form = slot.querySelector("form");
    dress(form);
    restore(form, quoted.length > 0);
    for (const field of form.querySelectorAll("[data-longest]")) tellLength(field);
    tellUnsaved();
    if (focus) {
      (form.querySelector("textarea, input[type=text], select") ?? form).focus({ preventScroll: true });
      toHead(form);
    }
    return form;
  }
  // A form that is higher than what one sees stands with its head in view.
  function toHead(form) {
    const { top, bottom } = frameOf();
    form.scrollIntoView({ block: form.getBoundingClientRect().height > bottom - top - 24 ? "start" : "nearest", behavior: "auto" });
  }

  function restore(form, quoted) {
    const kept = memory.get(keyOf(form));
    if (!kept) return;
    let values;
    try { values = JSON.parse(kept); } catch { return; }
    const had = JSON.stringify(written(form));
    for (const [name, value] of values) {
      const [, list, n] = name.match(/^(.*)\.(\d+)\.\w+$/) ?? [];
      while (list && !form.elements[name] && +n < 200 && addRow(form, list)) { /* as many rows as were written */ }
      const field = form.elements[name];
      if (field && !(quoted && list?.endsWith("evidence"))) field.value = value;
    }
    if (JSON.stringify(written(form)) === had) return;
    form.dataset.touched = "1";
    form.querySelector(".kept").textContent = "You had unsaved words here; they are restored.";
  }

  // Words are kept when the typing pauses, and before anything can end the page.
  const unkept = new Set();
  let keeping = 0;
  function keepSoon(form) {
    unkept.add(form);
    clearTimeout(keeping);
    keeping = setTimeout(keepAll, 250);
    if (!form.dataset.touched) { form.dataset.touched = "1"; tellUnsaved(); }
  }
  function keepAll() {
    clearTimeout(keeping);
    for (const form of unkept) if (form.isConnected) keep(form);
    unkept.clear();
  }
  addEventListener("pagehide", keepAll);
  document.addEventListener("visibilitychange", keepAll);
  draft.addEventListener("focusout", keepAll);

  function keep(form) {
    const ok = memory.set(keyOf(form), JSON.stringify(written(form)));
    if (form.dataset.keep === "add") memory.set(`${keyOf(form)} where`, `add ${form.elements.path.value}`);
    if (!form.dataset.touched) { form.dataset.touched = "1"; tellUnsaved(); }
    form.querySelector(".kept").textContent = ok ? "" : "This browser keeps nothing; save before you leave the page.";
  }

  function closeForm(form) {
    forget(form);
    const unit = form.closest(".unit");
    form.parentElement.replaceChildren();
    tellUnsaved();
    if (unit) go(unit, { keep: true });
  }
  const nameOfForm = (form) => { const unit = form.closest(".unit"); return unit ? nameOf(unit) : form.querySelector(".deed-title").textContent; };

  // How many forms hold words that the store does not have, in the bar, and a way to them.
  const unsaved = () => [...draft.querySelectorAll("form.deed[data-touched]")];
  function tellUnsaved() {
    const count = unsaved().length;
    let marker = $("unsaved");
    if (!count) return marker?.remove();
    if (!marker) {
      marker = button("", "small", "");
      delete marker.dataset.deed;
      marker.id = "unsaved";
      marker.addEventListener("click", () => {
        const all = unsaved();
        const form = all[(all.indexOf(lastForm) + 1) % all.length];
        show("draft");
        toForm(form);
      });
      desk.querySelector(".counts .done-of").after(marker);
    }
    marker.textContent = `${count} unsaved ${count === 1 ? "form" : "forms"}`;
  }
  function toForm(form) {
    lastForm = form;
    const field = form.querySelector("textarea, input[type=text], select") ?? form;
    field.focus({ preventScroll: true });
    toHead(form);
  }

  // How many words a sentence has, as the checks count them, while there is a limit.
  const countWords = (text) => text.split(/[\s\x1c-\x1f\x85]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  let spoken = 0;
  function tellLength(field) {
    const count = countWords(field.value);
    const most = +field.dataset.longest;
    const shown = $(`${field.id}-words`);
    shown.textContent = `${count} / ${most} words`;
    if (shown.classList.toggle("over", count > most) === (field.getAttribute("aria-invalid") === "true")) return;
    if (count > most) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    clearTimeout(spoken);
    const over = $(`${field.id}-over`);
    spoken = setTimeout(() => { over.textContent = field.hasAttribute("aria-invalid") ? `More than ${most} words.` : `Within ${most} words.`; }, 700);
  }

  // Rows of evidence and statutes can be added and taken out; without a script there is one empty row more.
  function dress(form) {
    if (!form) return;
    for (const field of form.querySelectorAll("[data-longest]")) {
      const shown = document.createElement("p");
      shown.id = `${field.id}-words`;
      shown.className = "words-count";
      shown.setAttribute("aria-hidden", "true");
      const over = document.createElement("p");
      over.id = `${field.id}-over`;
      over.className = "unseen";
      over.setAttribute("role", "status");
      field.after(shown, over);
      tellLength(field);
    }
    for (const list of form.querySelectorAll("fieldset.rows")) {
      const tools = document.createElement("div");
      tools.className = "row-tools";
      tools.append(button("Add a row", "small plain", "addRow"));
      if (list.querySelector('[data-of$=".evidence"]')) tools.append(button("Take the words selected in the policy", "small plain", "takeWords"));
      list.append(tools);
      for (const row of list.querySelectorAll(".row")) row.append(removal());
    }
  }
  function button(words, className, deed) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = words;
    made.dataset.deed = deed;
    return made;
  }
  function removal() {
    const made = button("✕", "small plain", "removeRow");
    made.setAttribute("aria-label", "Remove this row");
    return made;
  }
  function addRow(form, list) {
    const rows = [...form.querySelectorAll(`[data-of="${CSS.escape(list)}"]`)];
    const last = rows[rows.length - 1];
    if (!last) return null;
    const row = last.cloneNode(true);
    const number = 1 + Math.max(...rows.map((r) => +r.querySelector("[name]").name.slice(list.length + 1).split(".")[0]));
    for (const field of row.querySelectorAll("[name]")) {
      const part = field.name.slice(field.name.lastIndexOf(".") + 1);
      const id = `${field.id}-${number}`;
      const label = row.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      if (label) label.htmlFor = id;
      field.removeAttribute("aria-describedby");
      field.id = id;
      field.name = `${list}.${number}.${part}`;
      if (field.tagName === "SELECT") field.selectedIndex = Math.max(0, [...field.options].findIndex((o) => o.defaultSelected)); else field.value = "";
    }
    last.after(row);
    return row;
  }
  function fill(form, quoted, into = "") {
    const list = into || [...form.querySelectorAll("[data-of]")].map((r) => r.dataset.of).find((name) => name.endsWith("evidence"));
    if (!list) return say("This form takes no evidence.");
    for (const [passage, words] of quoted) {
      let row = [...form.querySelectorAll(`[data-of="${CSS.escape(list)}"]`)].find((r) => [...r.querySelectorAll("input, textarea")].every((f) => !f.value.trim()));
      row ??= addRow(form, list);
      row.querySelector('[name$=".passage_id"]').value = passage;
      row.querySelector('[name$=".quote"]').value = words;
      const many = row.closest("details");
      if (many) many.open = true;
    }
    keep(form);
    scrollTo(draft, form.querySelector(`[data-of="${CSS.escape(list)}"]`), "nearest");
  }

  document.addEventListener("click", (e) => {
    const open = e.target.closest('button[form="opener"]');
    if (open) {
      e.preventDefault();
      const form = slotOf(open.value)?.querySelector("form");
      if (form && `${form.elements.kind.value} ${form.elements.path.value}` === open.value.split(" ").slice(0, 2).join(" ")) toForm(form);
      else openForm(open.value);
      return;
    }
    const close = e.target.closest("[data-close]");
    if (close) { e.preventDefault(); closeForm(close.closest("form")); return; }
    const deed = e.target.closest("[data-deed]");
    if (!deed) return;
    const form = deed.closest("form");
    const list = deed.closest("fieldset").querySelector("[data-of]").dataset.of;
    if (deed.dataset.deed === "addRow") addRow(form, list)?.querySelector("input, textarea")?.focus();
    if (deed.dataset.deed === "takeWords") {
      const quoted = selected();
      if (quoted.length) fill(form, quoted, list); else say("Select words of the policy first.");
    }
    if (deed.dataset.deed === "removeRow") {
      const rows = form.querySelectorAll(`[data-of="${CSS.escape(list)}"]`);
      const row = deed.closest(".row");
      if (rows.length > 1) { (row.previousElementSibling ?? row.nextElementSibling)?.querySelector?.("input, textarea")?.focus(); row.remove(); }
      else for (const field of row.querySelectorAll("input, textarea")) field.value = "";
      keep(form);
    }
  });

  draft.addEventListener("input", (e) => {
    const form = e.target.closest("form.deed");
    if (form) keepSoon(form);
    if (e.target.dataset.longest) tellLength(e.target);
  });
  let lastForm = null;
  draft.addEventListener("focusin", (e) => { lastForm = e.target.closest("form.deed") ?? lastForm; });
  draft.addEventListener("change", (e) => {
    if (!e.target.matches("[data-where]")) return;
    const form = e.target.closest("form");
    const path = e.target.value;
    keep(form);
    const row = [...form.querySelectorAll('[data-of$="evidence"]')];
    const quoted = row.map((r) => [r.querySelector('[name$=".passage_id"]').value, r.querySelector('[name$=".quote"]').value]).filter(([, words]) => words);
    const reason = form.elements.reason.value;
    const text = [...form.elements].find((f) => /\.(text|action|title)$/.test(f.name))?.value ?? "";
    forget(form);
    form.parentElement.replaceChildren();
    openForm(`add ${path}`, quoted).then((made) => {
      if (!made) return;
      made.elements.reason.value = reason;
      const field = [...made.elements].find((f) => /\.(text|action|title)$/.test(f.name));
      if (field && text) field.value = text;
      keep(made);
      for (const limited of made.querySelectorAll("[data-longest]")) tellLength(limited);
      made.querySelector("[data-where]")?.focus({ preventScroll: true });
      toHead(made);
    });
  });

  addEventListener("beforeunload", (e) => {
    keepAll();
    if (acts.length) e.preventDefault(); // what was done last is still on its way
    else if (draft.querySelector("form.deed[data-touched]") && !memory.set("clausewise probe", "1")) e.preventDefault();
  });

  // Forms that were open with unsaved words are opened again with them.
  async function reopen() {
    const start = `clausewise ${desk.dataset.review} ${desk.dataset.person} `;
    const again = [];
    for (const key of memory.keys()) {
      if (!key.startsWith(start)) continue;
      const kept = key.slice(start.length);
      const open = kept === "add" ? memory.get(`${key} where`) : kept;
      if (!open || kept.endsWith(" where") || !slotOf(open)) continue;
      if (draft.querySelector(`form[data-keep="${CSS.escape(kept)}"]`)) continue;
      const form = await openForm(open, [], { focus: false, again: true });
      if (form) again.push(form);
    }
    if (!again.length) return;
    again.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    toForm(again[0]);
    say(`You had unsaved words; ${again.length === 1 ? "the form is" : `${again.length} forms are`} open again: ${again.map(nameOfForm).join(", ")}.`);
  }

  // --- What is sent and what comes back ---------------------------------------------------------------------------------
  // Acts are sent one after another, in the order in which they were done. What a button decides is shown at once, and the answer
  // settles it: it brings the card as it stands then, and what was foreseen and not confirmed is taken back.
  const acts = []; // those that are done and not yet answered, the oldest first
  let touches = 0; // whoever does anything before an answer comes is not to be led away by it
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, () => { touches += 1; }, { capture: true, passive: true });

  function foresee(act) {
    const [what, path] = act.what.split(" ");
    const unit = path && units().find((u) => u.dataset.path === path);
    if (path && !unit) return;
    const about = what === "accept" ? [unit] : what === "card" ? [...unit.closest(".card").querySelectorAll(".unit.open")]
      : what === "spare" ? [...unit.closest(".card").querySelectorAll(".unit.open:not(.asks)")]
      : [...draft.querySelectorAll(`.unit.open:not(.asks${document.querySelector('[form="decide"][name="noted"]')?.checked ? "" : ", .noted"})`)];
    for (const one of about) {
      if (one.matches(".sending")) continue;
      const standing = one.querySelector(":scope > .unit-top > .standing");
      act.foreseen.push([one, one.className, standing, standing.className, standing.innerHTML]);
      one.classList.remove("open", "rejected");
      one.classList.add("accepted", "sending");
      standing.className = "standing accepted";
      standing.textContent = "✓ accepted";
    }
  }
  function unforesee(act) {
    for (const [one, was, standing, stood, words] of act.foreseen) {
      if (!one.isConnected || !one.matches(".sending")) continue;
      const now = one === current;
      one.className = was;
      one.classList.toggle("current", now);
      standing.className = stood;
      standing.innerHTML = words; // as it was there
    }
    act.foreseen = [];
  }

  document.addEventListener("htmx:config:request", (e) => {
    const { ctx } = e.detail;
    const form = ctx.sourceElement;
    const what = ctx.request.body?.get("do") ?? "";
    if (form.matches("form.deed")) {
      if (form.inert) return e.preventDefault(); // it is on its way
      keepAll();
      form.inert = true;
      form.querySelector(".kept").textContent = "Saving…";
    }
    const act = { ctx, form, what, by: ctx.request.submitter, foreseen: [], touches };
    acts.push(act);
    if (!unsent.length) problem.replaceChildren();
    if (what) { ctx.request.keepalive = true; foresee(act); }
    for (const menu of desk.querySelectorAll(".menu[open]")) if (menu.contains(act.by)) menu.open = false;
  });
  document.addEventListener("htmx:before:request", (e) => {
    const { ctx } = e.detail;
    const { body } = ctx.request;
    const form = ctx.sourceElement;
    if (body instanceof URLSearchParams && body.has("shown")) {
      // Decided on what was seen at the press; answered with what has changed since the last answer.
      if (!body.has("seen")) body.set("seen", body.get("shown"));
      body.set("shown", $("shown").value);
      if (acts.find((act) => act.ctx === ctx)?.by?.id === "undo") body.set("number", $("undo")?.value ?? "");
    }
    // A card that was put in place anew has the form in another slot.
    if (form.matches("form.deed") && form.isConnected) ctx.target = form.parentElement;
    form.querySelector?.(":scope > .unsent")?.remove();
  });
  document.addEventListener("htmx:finally:request", (e) => settle(e.detail.ctx));
  function settle(ctx) {
    const at = acts.findIndex((act) => act.ctx === ctx);
    if (at < 0) return;
    const [act] = acts.splice(at, 1);
    unforesee(act);
    if (act.form.matches("form.deed")) {
      act.form.inert = false;
      if (act.form.isConnected && act.form.querySelector(".kept").textContent === "Saving…") act.form.querySelector(".kept").textContent = "";
    }
    resume();
  }

  // What the connection took: each can be sent again, in the order in which it was done.
  const unsent = [];
  document.addEventListener("htmx:error", (e) => {
    const { ctx } = e.detail;
    if (!ctx?.request) return;
    const form = ctx.sourceElement;
    const act = acts.find((one) => one.ctx === ctx);
    settle(ctx);
    const again = button("Send again", "small", "");
    delete again.dataset.deed;
    const words = document.createElement("span");
    const told = (count) => `The connection dropped before the desk answered. ${count === 1 ? "What you did" : `The last ${count} things that you did`} may not be kept yet; sending it again does it once.`;
    if (form.matches("form.deed")) {
      words.textContent = told(1);
      again.addEventListener("click", () => { again.closest(".unsent").classList.remove("unsent"); form.requestSubmit(form.querySelector(".form-foot .main")); });
      const note = document.createElement("div");
      note.className = "unsent";
      note.setAttribute("role", "alert");
      note.append(words, again);
      form.append(note);
      again.focus();
      return;
    }
    unsent.push({ form, name: act?.by?.name ?? "", value: act?.by?.value ?? "" });
    words.textContent = told(unsent.length);
    again.addEventListener("click", () => {
      problem.replaceChildren();
      problem.classList.remove("unsent");
      for (const one of unsent.splice(0)) {
        const by = one.name && [...document.querySelectorAll(`button[form="${one.form.id}"][name="${one.name}"]`)].find((b) => b.value === one.value);
        if (by) one.form.requestSubmit(by); else if (!one.name) one.form.requestSubmit();
      }
    });
    problem.classList.add("unsent");
    problem.replaceChildren(words, again);
    again.focus();
  });

  // A card that is put in place anew must not take an open form with it, nor move what is looked at.
  let returnTo = "";
  let field = null;
  let held = null;
  function stay() {
    if (held && $(held[0])) draft.scrollTop += $(held[0]).getBoundingClientRect().top - held[1];
  }
  let menu = null;
  const menuNamed = (name) => [...desk.querySelectorAll(".menu")].find((one) => one.querySelector("summary").textContent === name);
  document.addEventListener("htmx:before:swap", (e) => {
    const { ctx, tasks } = e.detail;
    const focused = document.activeElement;
    returnTo = focused?.closest?.(".unit")?.id ?? current?.id ?? "";
    field = focused?.closest?.("form.deed") && !focused.closest("form.deed").inert ? focused : null;
    const still = current?.isConnected && inView(current) ? current : firstInView();
    held = still && [still.id, still.getBoundingClientRect().top];
    const open = desk.querySelector(".menu[open]");
    menu = open && [open.querySelector("summary").textContent, open.querySelector("textarea")?.value ?? "", open.contains(focused)];
    const ok = ctx.response?.status === 200;
    if (ok && ctx.sourceElement.matches?.("form.deed")) forget(ctx.sourceElement);
    for (const task of tasks ?? []) {
      if (task.type !== "oob" || !(task.target instanceof Element)) continue;
      for (const form of task.target.querySelectorAll("form.deed")) {
        if (form === ctx.sourceElement) continue;
        const slot = [...task.fragment.querySelectorAll(".slot")].find((s) => s.id === form.parentElement.id);
        if (slot && !slot.childElementCount) slot.append(form);
      }
    }
  });
  document.addEventListener("htmx:after:swap", (e) => {
    for (const act of acts) if (act.ctx !== e.detail.ctx && act.what) { act.foreseen = []; foresee(act); }
    join();
    for (const form of draft.querySelectorAll("form.deed")) if (!form.querySelector(".row-tools, .words-count")) dress(form);
    tellUnsaved();
    if (told.textContent) say(told.textContent);
    const unit = $(returnTo);
    current = null;
    if (unit?.matches(".unit")) focusOn(unit, { follow: false });
    else light(false);
    stay();
    const then = touches;
    requestAnimationFrame(() => { if (then === touches) stay(); }); // a browser may have held on to something else
    const open = menu && menuNamed(menu[0]);
    if (open) {
      open.open = true;
      const box = open.querySelector("textarea");
      if (box) box.value = menu[1];
      if (menu[2]) (box ?? open.querySelector("summary")).focus({ preventScroll: true });
    } else if (field?.isConnected) field.focus({ preventScroll: true });
    else if (document.activeElement === document.body && unit) unit.focus({ preventScroll: true });
    draftSpy();
  });
  document.addEventListener("desk:decided", (e) => {
    const { anchor, status } = e.detail;
    const act = acts[0];
    const unit = $(anchor) ?? $(returnTo);
    if (!unit?.matches(".unit")) return;
    const form = unit.querySelector(":scope > .slot > form");
    if (status === 200 || !form) {
      // Who went on meanwhile stays there, unless it was refused.
      if (status === 200 && (act?.what || act?.touches !== touches)) return;
      if (status !== 200) tellRefused(unit);
      if (!inView(unit)) held = null;
      return document.activeElement.closest("form.deed") ? undefined : go(unit, { keep: true });
    }
    held = null;
    focusOn(unit);
    form.querySelector("textarea, input[type=text]")?.focus({ preventScroll: true });
    form.scrollIntoView({ block: "start" });
  });

  // A refusal stays until the next act: what is told of the acts behind it must not hide it.
  function tellRefused(unit) {
    const link = document.createElement("a");
    link.href = `#${encodeURIComponent(unit.id)}`;
    link.textContent = nameOf(unit);
    problem.replaceChildren(link, `: ${told.textContent}`);
  }
  // The draft is approved as it was seen, with nothing on its way.
  desk.addEventListener("submit", (e) => {
    if (!acts.length || !e.target.matches(".drop")) return;
    e.preventDefault();
    say("What you did last is still on its way; press again.");
  });

  // --- Words selected in the policy ---------------------------------------------------------------------------------------
  const bar = $("selection-bar");
  let lastSelected = [];
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return lastSelected;
    const range = selection.getRangeAt(0);
    const found = [];
    for (const passage of policy.querySelectorAll(".passage")) {
      const text = passage.querySelector(":scope > p");
      if (!range.intersectsNode(text)) continue;
      const within = new Range();
      within.selectNodeContents(text);
      if (text.contains(range.startContainer)) within.setStart(range.startContainer, range.startOffset);
      if (text.contains(range.endContainer)) within.setEnd(range.endContainer, range.endOffset);
      const words = within.toString().trim();
      if (words) found.push([passage.id, words]);
    }
    return found;
  }
  if (bar) {
    document.addEventListener("selectionchange", () => {
      const selection = getSelection();
      const inPolicy = !selection.isCollapsed && policy.contains(selection.anchorNode);
      if (inPolicy) lastSelected = selected();
      else if (document.activeElement?.closest?.("#selection-bar, form.deed")) return;
      else lastSelected = [];
      bar.hidden = !inPolicy || !lastSelected.length;
      if (bar.hidden) return;
      const form = evidenceForm();
      $("select-evidence").hidden = !form && (!current || !stands(current) || (current.matches(".entry") && !current.querySelector(":scope > .evidence")));
      $("select-where").textContent = form ? nameOfForm(form) : current ? nameOf(current) : "";
      place();
    });
    // Near the words, and within the window. In a style sheet: an element of the page has no style of its own, whatever it shows.
    const sheet = new CSSStyleSheet();
    const near = sheet.cssRules[sheet.insertRule("#selection-bar {}")].style;
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    function place() {
      const selection = getSelection();
      if (bar.hidden || !selection.rangeCount) return;
      const words = selection.getRangeAt(0).getBoundingClientRect();
      const box = bar.getBoundingClientRect();
      const below = words.bottom + 8 + box.height < innerHeight - 40;
      near.top = `${Math.max(8, Math.min(innerHeight - box.height - 8, below ? words.bottom + 8 : words.top - box.height - 8))}px`;
      near.left = `${Math.max(8, Math.min(words.left, innerWidth - box.width - 16))}px`;
    }
    policy.addEventListener("scroll", place, { passive: true });
    addEventListener("resize", place);
    // The form that is written in takes the words; else the claim in focus.
    function evidenceForm() {
      const takes = (form) => form?.isConnected && form.querySelector('[data-of$="evidence"]');
      if (takes(lastForm)) return lastForm;
      const open = [...draft.querySelectorAll("form.deed")].filter(takes);
      return open.length === 1 ? open[0] : null;
    }

    bar.addEventListener("pointerdown", (e) => e.preventDefault()); // the selection stays
    $("select-claim").addEventListener("click", () => {
      const quoted = lastSelected;
      bar.hidden = true;
      show("draft");
      openForm("add risk.provisions", quoted);
    });
    $("select-evidence").addEventListener("click", async () => {
      const quoted = lastSelected;
      const unit = current;
      bar.hidden = true;
      show("draft");
      const form = evidenceForm() ?? unit.querySelector(":scope > .slot > form.edit");
      if (form) return fill(form, quoted);
      const made = await openForm(`edit ${unit.dataset.path}`, quoted);
      if (made) keep(made);
    });
  }

  // --- Keys ------------------------------------------------------------------------------------------------------------
  const dialog = $("keys");
  const keysOn = $("keys-on");
  const keysGoOn = $("keys-go-on");
  keysOn.checked = memory.get("clausewise keys") !== "off";
  keysGoOn.checked = memory.get("clausewise go on") === "on";
  // Where nothing had the focus before, a field of the dialog would keep it, and take the next key for writing.
  function leaveDialog() {
    if (document.activeElement === document.body || dialog.contains(document.activeElement)) (current ?? draft).focus({ preventScroll: true });
  }
  dialog.addEventListener("close", leaveDialog);
  keysOn.addEventListener("change", () => memory.set("clausewise keys", keysOn.checked ? "on" : "off"));
  keysGoOn.addEventListener("change", () => memory.set("clausewise go on", keysGoOn.checked ? "on" : "off"));
  $("main").addEventListener("click", (e) => { if (e.target.closest("#show-keys")) dialog.showModal(); });

  let first = "";
  const asks = (unit) => stands(unit) && (unit.matches(".open, .asks"));
  function step(from, by, wanted = () => true) {
    const all = units();
    let at = from ? all.indexOf(from) + by : all.indexOf(firstInView());
    if (at < 0 && !from) at = all.length;
    for (; at >= 0 && at < all.length; at += by) if (wanted(all[at])) return go(all[at]);
    say(by > 0 ? "That was the last one." : "That was the first one.");
  }
  const reader = () => (current?.isConnected && inView(current) ? current : null);
  // A key decides about nothing that its reader does not see: a claim out of view is brought into it, and the next press is about it.
  function aimed() {
    if (!current) return say("Choose a claim first: j goes to the next one in view.");
    if (inView(current)) return current;
    show("draft");
    go(current);
    say(`${nameOf(current)} was out of view; press again to decide about it.`);
    return null;
  }
  // What a key asks for while something is to be done before it waits, and is about the claim that was in focus then.
  const later = [];
  function press(selector, unit) {
    const found = unit.querySelector(`:scope > .unit-top > .acts > ${selector}`);
    if (!found) return say("That cannot be done with this claim.");
    if (unit.matches(".sending") && found.form?.id === "decide") return false;
    found.click();
    return true;
  }
  function deed(run) {
    const unit = aimed();
    if (!unit) return;
    if (!later.length) return run(unit);
    const { id } = unit;
    later.push(() => { const then = $(id); if (then) run(then); });
  }
  function accept(unit) {
    if (press(".accept", unit) && keysGoOn.checked && current?.id === unit.id) step(unit, 1, asks);
  }
  function acceptCard(unit) {
    const card = unit.closest(".card");
    const whole = card.querySelector(".unit:not(.sending) .whole") ?? card.querySelector(".unit.open:not(.sending) .accept");
    if (!whole) return say("Nothing in this card is undecided.");
    const stays = current?.id === unit.id;
    whole.click();
    if (keysGoOn.checked && stays) step([...card.querySelectorAll(".unit")].pop(), 1, asks);
  }
  // What is taken back is the last act that was kept, so those on their way come first.
  function wait(id) {
    const run = () => {
      const found = $(id);
      if (!found || found.disabled) say(id === "undo" ? "There is nothing of yours to take back." : "There is nothing of yours to bring back.");
      else found.click();
    };
    if (acts.length || later.length) later.push(run); else run();
  }
  function resume() {
    while (later.length && !acts.length) later.shift()();
  }
  const deeds = {
    j: () => step(reader(), 1), k: () => step(reader(), -1),
    n: () => step(reader(), 1, asks), p: () => step(reader(), -1, asks),
    a: () => deed(accept), A: () => deed(acceptCard),
    e: () => deed((unit) => press(".edit", unit)), r: () => deed((unit) => press(".reject", unit)), c: () => deed((unit) => press(".comment", unit)),
    u: () => wait("undo"), U: () => wait("redo"),
    "?": () => dialog.showModal(),
  };
  const places = { d: "draft", p: "policy", f: "findings" };
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.isComposing) {
      const form = e.target.closest("form.deed");
      if (form) { e.preventDefault(); form.requestSubmit(form.querySelector(".form-foot .main")); }
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "Escape") {
      // A browser closes it in its own time; the next key may be there before.
      if (dialog.open) { e.preventDefault(); dialog.close(); leaveDialog(); return; }
      const form = e.target.closest("form.deed");
      const menu = document.querySelector(".menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      else if (form) { if (!form.dataset.touched) closeForm(form); else { form.closest(".unit")?.focus({ preventScroll: true }); say("The words are kept; Cancel throws them away."); } }
      else { for (const box of policy.querySelectorAll(".resting")) box.remove(); if (bar) bar.hidden = true; getSelection().removeAllRanges(); }
      return;
    }
    if (e.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (!keysOn.checked && e.key !== "?") return;
    // Between an answer and its place in the page the claim is one that stands there no more.
    if (current && !current.isConnected) current = $(current.id);
    if (first === "g" && places[e.key]) {
      first = "";
      e.preventDefault();
      const place = $(places[e.key]);
      show(e.key === "p" ? "policy" : "draft");
      place.focus({ preventScroll: true });
      if (e.key === "f") { leave(); place.scrollIntoView({ block: "start" }); }
      return;
    }
    first = e.key === "g" ? "g" : "";
    if (e.key === "g") { setTimeout(() => { first = ""; }, 1500); return; }
    const asked = deeds[e.key];
    if (asked) { e.preventDefault(); asked(); }
  });
  function showKeysButton() { const shown = $("show-keys"); if (shown) shown.hidden = false; }

  // A menu closes when something else is clicked.
  document.addEventListener("click", (e) => {
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(e.target)) menu.open = false;
  });

  // --- Which part of the draft is on screen ------------------------------------------------------------------------------
  let spy = null;
  function draftSpy() {
    showKeysButton();
    spy?.disconnect();
    const links = new Map([...desk.querySelectorAll(".contents a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
    spy = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    }, { root: draft, rootMargin: "-15% 0px -80% 0px" });
    for (const list of draft.querySelectorAll(".list")) spy.observe(list);
  }

  // --- Time at work: a minute counts when something was done in it ----------------------------------------------------------
  let active = true;
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, () => { active = true; }, { passive: true });
  const csrf = document.querySelector("#decide [name=csrf]")?.value;
  function here() {
    if (!csrf || !active || document.visibilityState !== "visible") return;
    active = false;
    fetch(`${desk.dataset.here}/here`, { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": csrf, "Content-Type": "application/x-www-form-urlencoded" }, body: "" }).catch(() => {});
  }
  setInterval(here, 60000);

  // Back from another page the draft stands where it stood.
  const placed = `clausewise place ${desk.dataset.review}`;
  addEventListener("pagehide", () => {
    const unit = firstInView();
    try { sessionStorage.setItem(placed, JSON.stringify(unit && draft.scrollTop > 0 ? [unit.id, unit.getBoundingClientRect().top] : [])); } catch { /* it begins at its top */ }
  });
  function stand() {
    let id, top;
    try { [id, top] = JSON.parse(sessionStorage.getItem(placed) ?? "[]"); } catch { return; }
    const unit = id && $(id);
    if (!unit) return;
    // The first brings what is around it to its size.
    for (let n = 0; n < 2; n += 1) draft.scrollTop += unit.getBoundingClientRect().top - top;
  }

  join();
  draftSpy();
  for (const form of draft.querySelectorAll("form.deed")) dress(form);
  here();
  const wanted = location.hash ? $(decodeURIComponent(location.hash.slice(1))) : null;
  if (wanted?.matches(".unit")) go(wanted);
  else if (wanted?.matches(".passage")) wanted.scrollIntoView({ block: "center" });
  else if (!wanted) stand();
  if (opener) reopen();
})();
