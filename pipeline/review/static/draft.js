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
    const text = passage && passage.querySelector(":scope > p").firstChild;
    if (!text) return null;
    const range = new Range();
    range.setStart(text, Math.min(+quote.dataset.start, text.length));
    range.setEnd(text, Math.min(+quote.dataset.end, text.length));
    return range;
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
    let unused = 0;
    for (const passage of policy.querySelectorAll(".passage")) {
      const units = resting.get(passage.id);
      passage.classList.toggle("has", !!units);
      if (!units) unused += 1;
      let badge = passage.querySelector(":scope > .rests");
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
    $("show-unused").textContent = `Unused passages (${unused})`;
  }

  // --- The claim in focus -----------------------------------------------------------------------------------------
  let current = null;
  const units = () => [...draft.querySelectorAll(".unit")];

  function scrollTo(pane, element, where = "center") {
    if (!element) return;
    const box = element.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (where === "center" && box.top > frame.top + 60 && box.bottom < frame.bottom - 20) return; // it is seen
    element.scrollIntoView({ block: box.height > frame.height * 0.7 ? "start" : where, behavior: calm.matches ? "auto" : "smooth" });
  }

  function focusOn(unit, { follow = true } = {}) {
    if (!unit) return;
    if (current !== unit) {
      // The claim before folds its evidence and this one unfolds it: what is looked at stays where it is.
      const top = unit.getBoundingClientRect().top;
      current?.classList.remove("current");
      current = unit;
      unit.classList.add("current");
      draft.scrollTop += unit.getBoundingClientRect().top - top;
      const where = $("select-where");
      if (where) where.textContent = nameOf(unit);
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

  function go(unit) {
    if (!unit) return;
    unit.focus({ preventScroll: true });
    focusOn(unit);
    scrollTo(draft, unit, "nearest");
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
    if (e.target.closest(".rests")) box.firstChild.focus();
  });

  const unusedOnes = () => [...policy.querySelectorAll(".passage:not(.has)")];
  $("policy-tools").hidden = false;
  $("show-unused").addEventListener("click", (e) => {
    const on = policy.classList.toggle("show-unused");
    e.currentTarget.setAttribute("aria-pressed", String(on));
    $("unused-before").hidden = $("unused-after").hidden = !on;
    if (on) stepUnused(1);
  });
  function stepUnused(by) {
    const all = unusedOnes();
    if (!all.length) return say("Every passage is used.");
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }
  let lastUnused = null;
  policy.addEventListener("focusin", (e) => { if (e.target.matches(".passage")) lastUnused = e.target; });
  for (const [id, by] of [["unused-before", -1], ["unused-after", 1]]) {
    $(id).addEventListener("click", () => { lastUnused?.focus({ preventScroll: true }); stepUnused(by); });
  }

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
    fading = setTimeout(() => told.classList.remove("fresh"), 5000);
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
    if (focus) {
      (form.querySelector("textarea, input[type=text], select") ?? form).focus({ preventScroll: true });
      scrollTo(draft, form, "nearest");
    }
    return form;
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
    if (JSON.stringify(written(form)) !== had) form.querySelector(".kept").textContent = "You had unsaved words here; they are restored.";
  }

  function keep(form) {
    const ok = memory.set(keyOf(form), JSON.stringify(written(form)));
    if (form.dataset.keep === "add") memory.set(`${keyOf(form)} where`, `add ${form.elements.path.value}`);
    form.dataset.touched = "1";
    form.querySelector(".kept").textContent = ok ? "" : "This browser keeps nothing; save before you leave the page.";
  }

  function closeForm(form) {
    forget(form);
    const unit = form.closest(".unit");
    form.parentElement.replaceChildren();
    if (unit) unit.focus({ preventScroll: true });
  }

  // Rows of evidence and statutes can be added and taken out; without a script there is one empty row more.
  function dress(form) {
    if (!form) return;
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
      const found = field.getAttribute("list");
      if (label) label.htmlFor = id;
      if (found) { const options = row.querySelector("datalist"); options.id = `${id}-found`; field.setAttribute("list", options.id); }
      field.removeAttribute("aria-describedby");
      field.id = id;
      field.name = `${list}.${number}.${part}`;
      if (field.tagName === "SELECT") field.selectedIndex = Math.max(0, [...field.options].findIndex((o) => o.defaultSelected)); else field.value = "";
    }
    last.after(row);
    return row;
  }
  function fill(form, quoted) {
    const list = [...form.querySelectorAll("[data-of]")].map((r) => r.dataset.of).find((name) => name.endsWith("evidence"));
    if (!list) return say("This form takes no evidence.");
    for (const [passage, words] of quoted) {
      let row = [...form.querySelectorAll(`[data-of="${CSS.escape(list)}"]`)].find((r) => [...r.querySelectorAll("input, textarea")].every((f) => !f.value.trim()));
      row ??= addRow(form, list);
      row.querySelector('[name$=".passage_id"]').value = passage;
      row.querySelector('[name$=".quote"]').value = words;
    }
    keep(form);
    scrollTo(draft, form.querySelector(`[data-of="${CSS.escape(list)}"]`), "nearest");
  }

  document.addEventListener("click", (e) => {
    const open = e.target.closest('button[form="opener"]');
    if (open) {
      e.preventDefault();
      const form = slotOf(open.value)?.querySelector("form");
      if (form && `${form.elements.kind.value} ${form.elements.path.value}` === open.value.split(" ").slice(0, 2).join(" ")) form.querySelector("textarea, input[type=text], select")?.focus();
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
      if (quoted.length) fill(form, quoted); else say("Select words of the policy first.");
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
    if (form) keep(form);
    if (e.target.dataset.search) search(e.target);
  });
  draft.addEventListener("change", (e) => {
    if (!e.target.matches("[data-where]")) return;
    const form = e.target.closest("form");
    const path = e.target.value;
    keep(form);
    const row = [...form.querySelectorAll('[data-of$="evidence"]')];
    const quoted = row.map((r) => [r.querySelector('[name$=".passage_id"]').value, r.querySelector('[name$=".quote"]').value]).filter(([p]) => p);
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
      made.querySelector("[data-where]")?.focus();
    });
  });

  let asking = 0;
  function search(field) {
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const options = $(field.getAttribute("list"));
      try {
        const response = await fetch(`/registry/${field.dataset.search}?${new URLSearchParams({ q: field.value })}`, { headers: { "HX-Request": "true" } });
        if (response.ok && options) options.innerHTML = await response.text(); // options of our own server, escaped there
      } catch { /* the field takes what is typed all the same */ }
    }, 200);
  }

  addEventListener("beforeunload", (e) => {
    if (draft.querySelector("form.deed[data-touched]") && !memory.set("clausewise probe", "1")) e.preventDefault();
  });

  // Forms that were open with unsaved words are opened again with them.
  async function reopen() {
    const start = `clausewise ${desk.dataset.review} ${desk.dataset.person} `;
    let count = 0;
    for (const key of memory.keys()) {
      if (!key.startsWith(start)) continue;
      const kept = key.slice(start.length);
      const open = kept === "add" ? memory.get(`${key} where`) : kept;
      if (!open || kept.endsWith(" where") || !slotOf(open)) continue;
      if (draft.querySelector(`form[data-keep="${CSS.escape(kept)}"]`)) continue;
      if (await openForm(open, [], { focus: false, again: true })) count += 1;
    }
    if (count) say(`You had unsaved words; ${count === 1 ? "the form is" : `${count} forms are`} open again.`);
  }

  // --- What is sent and what comes back ---------------------------------------------------------------------------------
  let returnTo = "";
  document.addEventListener("htmx:before:request", (e) => {
    const { ctx } = e.detail;
    const by = ctx.request.submitter ?? ctx.sourceElement;
    const unit = by.closest?.(".unit");
    unit?.classList.add("busy");
    ctx.unitId = unit?.id;
    ctx.by = by;
    problem.replaceChildren();
    problem.classList.remove("unsent");
    ctx.sourceElement.querySelector?.(":scope > .unsent")?.remove();
  });
  document.addEventListener("htmx:finally:request", (e) => {
    const { ctx } = e.detail;
    if (ctx.unitId) $(ctx.unitId)?.classList.remove("busy");
  });
  document.addEventListener("htmx:error", (e) => {
    const { ctx } = e.detail;
    if (!ctx?.request) return;
    const form = ctx.sourceElement;
    const box = form.matches("form.deed") ? form.querySelector(".form-foot") : problem;
    const words = document.createElement("span");
    words.textContent = "The connection dropped before the desk answered. What you did may not be kept yet; sending it again does it once.";
    const again = button("Send again", "small", "");
    delete again.dataset.deed;
    again.addEventListener("click", () => { again.closest(".unsent").classList.remove("unsent"); form.requestSubmit(ctx.by instanceof HTMLButtonElement && ctx.by.isConnected ? ctx.by : undefined); });
    if (box === problem) {
      problem.classList.add("unsent");
      problem.replaceChildren(words, again);
    } else {
      const note = document.createElement("div");
      note.className = "unsent";
      note.setAttribute("role", "alert");
      note.append(words, again);
      form.append(note);
    }
    again.focus();
  });

  // A card that is put in place anew must not take an open form with it.
  document.addEventListener("htmx:before:swap", (e) => {
    const { ctx, tasks } = e.detail;
    returnTo = document.activeElement?.closest?.(".unit")?.id ?? current?.id ?? "";
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
  document.addEventListener("htmx:after:swap", () => {
    join();
    for (const form of draft.querySelectorAll("form.deed")) if (!form.querySelector(".row-tools")) dress(form);
    if (told.textContent) say(told.textContent);
    const unit = $(returnTo);
    current = null;
    if (unit?.matches(".unit")) focusOn(unit, { follow: false });
    else light(false);
    draftSpy();
  });
  document.addEventListener("desk:decided", (e) => {
    const { anchor, status } = e.detail;
    const unit = $(anchor) ?? $(returnTo);
    if (!unit?.matches(".unit")) return;
    if (status === 200 && goOn) { goOn = false; return step(unit, 1, asks); }
    const form = unit.querySelector(":scope > .slot > form");
    if (status === 200 || !form) return go(unit);
    focusOn(unit);
    form.querySelector("textarea, input[type=text]")?.focus({ preventScroll: true });
    form.scrollIntoView({ block: "start" });
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
      const text = passage.querySelector(":scope > p").firstChild;
      if (!text || !range.intersectsNode(text)) continue;
      const start = range.startContainer === text ? range.startOffset : 0;
      const end = range.endContainer === text ? range.endOffset : text.length;
      const words = text.data.slice(start, end).trim();
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
      $("select-evidence").hidden = !current || !stands(current) || (current.matches(".entry") && !current.querySelector(":scope > .evidence"));
    });
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
      const form = unit.querySelector(":scope > .slot > form.edit");
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

  let goOn = false;
  let first = "";
  const asks = (unit) => stands(unit) && (unit.matches(".open, .asks"));
  function step(from, by, wanted = () => true) {
    const all = units();
    let at = from ? all.indexOf(from) : by > 0 ? -1 : all.length;
    for (at += by; at >= 0 && at < all.length; at += by) if (wanted(all[at])) return go(all[at]);
    say(by > 0 ? "That was the last one." : "That was the first one.");
  }
  const press = (selector) => {
    const found = current?.querySelector(`:scope > .unit-top > .acts > ${selector}`);
    if (found) found.click();
    else if (current) say("That cannot be done with this claim.");
    else say("Choose a claim first: j goes to the first one.");
  };
  const deeds = {
    j: () => step(current, 1), k: () => step(current, -1),
    n: () => step(current, 1, asks), p: () => step(current, -1, asks),
    a: () => { goOn = keysGoOn.checked; press(".accept"); },
    A: () => {
      const whole = current?.closest(".card").querySelector(".whole") ?? current?.closest(".card").querySelector(".unit.open .accept");
      if (whole) whole.click(); else say("Nothing in this card is undecided.");
    },
    e: () => press(".edit"), r: () => press(".reject"), c: () => press(".comment"),
    u: () => $("undo")?.click(), U: () => $("redo")?.click(),
    "?": () => dialog.showModal(),
  };
  const places = { d: "draft", p: "policy", f: "findings" };
  document.addEventListener("keydown", (e) => {
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
      place.focus({ preventScroll: e.key !== "f" });
      if (e.key === "f") place.scrollIntoView({ block: "start" });
      return;
    }
    first = e.key === "g" ? "g" : "";
    if (e.key === "g") { setTimeout(() => { first = ""; }, 1500); return; }
    const deed = deeds[e.key];
    if (deed) { e.preventDefault(); deed(); }
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

  join();
  draftSpy();
  for (const form of draft.querySelectorAll("form.deed")) dress(form);
  if (opener) reopen();
  here();
  const wanted = location.hash ? $(decodeURIComponent(location.hash.slice(1))) : null;
  if (wanted?.matches(".unit")) go(wanted);
  else if (wanted?.matches(".passage")) wanted.scrollIntoView({ block: "center" });
})();
