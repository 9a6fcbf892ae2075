// A field that takes an id of the registry: what fits the words typed stands below it, each with its name and how far it was verified.
// A browser's own list of suggestions would leave out what does not begin like the words. Without this file the field takes what is typed.
(() => {
  "use strict";
  const draft = document.getElementById("draft");
  if (!draft) return;
  const list = document.createElement("ul");
  list.id = "registry-found";
  list.className = "registry-found";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "In the registry");
  list.hidden = true;
  document.querySelector(".desk").append(list);
  // Where it stands is said in a style sheet: an element of the page has no style of its own, whatever it shows.
  const sheet = new CSSStyleSheet();
  const where = sheet.cssRules[sheet.insertRule("#registry-found {}")].style;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  let field = null; // whose list is open
  let active = -1;
  let waiting = 0;
  let asked = 0; // an answer that is overtaken by the next question is dropped
  const nameOf = (input) => input.parentElement.querySelector(".registry-name");
  const options = () => [...list.children];

  function close() {
    clearTimeout(waiting);
    asked += 1;
    list.hidden = true;
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function place() {
    const box = field.getBoundingClientRect();
    const below = innerHeight - box.bottom;
    const width = Math.min(Math.max(box.width, 560), innerWidth - 16);
    where.width = `${width}px`;
    where.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    where.maxHeight = `${Math.max(120, Math.min(320, Math.max(below, box.top) - 12))}px`;
    where.top = below >= 160 || below >= box.top ? `${box.bottom + 2}px` : "auto";
    where.bottom = where.top === "auto" ? `${innerHeight - box.top + 2}px` : "auto";
  }

  function light(at) {
    active = at;
    options().forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    const option = options()[at];
    if (option) { option.scrollIntoView({ block: "nearest" }); field.setAttribute("aria-activedescendant", option.id); }
    else field.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    const input = field;
    close();
    input.value = option.dataset.value;
    tell(input, option.dataset.words);
    input.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));
    input.focus();
  }

  // The law's full name, between the provision and how far it was verified, is for choosing: a form says it shorter.
  function tell(input, told) {
    const parts = told.split(" · ");
    const words = parts.length > 2 ? `${parts[0]} · ${parts[parts.length - 1]}` : told;
    const name = nameOf(input);
    if (name && name.textContent !== words) name.textContent = words;
  }

  async function find(input) {
    const words = input.value.trim();
    if (!words) { close(); tell(input, ""); return; }
    const number = asked += 1;
    let found;
    try {
      const response = await fetch(`/registry/${input.dataset.registry}?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" } });
      if (!response.ok) return;
      const read = new DOMParser().parseFromString(`<select>${await response.text()}</select>`, "text/html"); // escaped there, and read as text here
      found = [...read.querySelectorAll("option")].map((o) => [o.value, o.textContent]);
    } catch { return; } // the field takes what is typed all the same
    if (number !== asked || document.activeElement !== input) return;
    const known = found.find(([value]) => value === words);
    tell(input, known ? known[1] : found.length && !found[0][0] ? found[0][1] : "");
    field = input;
    list.replaceChildren(...found.filter(([value]) => value && (value !== words || found.length > 1)).map(([value, told], n) => {
      const option = document.createElement("li");
      option.id = `registry-found-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.value = value;
      option.dataset.words = told;
      const code = document.createElement("code");
      code.textContent = value;
      option.append(code, ` ${told}`);
      return option;
    }));
    list.hidden = !list.childElementCount;
    input.setAttribute("aria-expanded", String(!list.hidden));
    active = -1;
    if (!list.hidden) { place(); list.scrollTop = 0; }
  }

  draft.addEventListener("focusin", (e) => {
    if (!e.target.dataset.registry) return;
    e.target.setAttribute("role", "combobox");
    e.target.setAttribute("aria-autocomplete", "list");
    e.target.setAttribute("aria-controls", list.id);
    e.target.setAttribute("aria-expanded", "false");
  });
  draft.addEventListener("focusout", (e) => { if (e.target === field) close(); });
  draft.addEventListener("input", (e) => {
    if (!e.target.dataset.registry || e.detail === "chosen") return;
    const input = e.target;
    clearTimeout(waiting);
    waiting = setTimeout(() => find(input), 150);
  });
  list.addEventListener("pointerdown", (e) => e.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) choose(option);
  });
  draft.addEventListener("scroll", () => { if (!list.hidden) close(); }, { passive: true });
  addEventListener("resize", close);
  // Before the page's own keys: Escape closes the list and not the form around it, Enter takes what is marked and sends nothing.
  document.addEventListener("keydown", (e) => {
    if (list.hidden || e.target !== field || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const last = options().length - 1;
    if (e.key === "ArrowDown") light(active >= last ? 0 : active + 1);
    else if (e.key === "ArrowUp") light(active <= 0 ? last : active - 1);
    else if (e.key === "Enter" && active >= 0) choose(options()[active]);
    else if (e.key === "Escape") close();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
})();
