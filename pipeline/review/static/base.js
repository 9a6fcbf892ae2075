// Keys of all pages, and of the queue: j and k walk its rows, / searches. Enter opens by itself, for rows are links.
(() => {
  "use strict";
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    if (e.key === "Escape" && typing(e) && e.target.dataset.key) {
      e.preventDefault(); // a field of searching would be emptied by it
      return e.target.blur();
    }
    if (typing(e)) return;
    const field = document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
    if (field) {
      e.preventDefault();
      return field.focus();
    }
    if (e.key !== "j" && e.key !== "k") return;
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const to = e.key === "j" ? at + 1 : at < 0 ? 0 : at - 1;
    rows[Math.min(Math.max(to, 0), rows.length - 1)].focus();
    e.preventDefault();
  });
  // What is searched for is asked for while it is typed; leaving the field is to ask for nothing more.
  document.addEventListener("change", (e) => { if (e.target.dataset.key) e.stopPropagation(); }, true);
  // A table that is put in place anew keeps the focus on its row.
  let row = "";
  document.addEventListener("htmx:before:swap", () => {
    row = document.activeElement.matches("[data-row]") ? document.activeElement.getAttribute("href") : "";
  });
  document.addEventListener("htmx:after:swap", () => {
    if (row) document.querySelector(`[data-row][href="${CSS.escape(row)}"]`)?.focus();
  });
})();
