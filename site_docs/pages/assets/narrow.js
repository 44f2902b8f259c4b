// Filters a list of errors by words, layer, severity and module. Without this script, the page shows all of them.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("cp-facets");
  if (!data) return;
  const errors = JSON.parse(data.textContent);
  const article = data.closest("article");

  function element(name, attributes, ...children) {
    const created = Object.assign(document.createElement(name), attributes);
    created.append(...children);
    return created;
  }

  /** Return the entries that a line links to, by the last part of its links. */
  function entriesOf(line) {
    const names = [...line.querySelectorAll("a[href]")].map((link) =>
      link.getAttribute("href").replace(/#.*|\/$|\.html.*/g, "").split("/").pop());
    return names.filter((name) => Object.hasOwn(errors, name)).map((name) => errors[name]);
  }

  const lines = [...article.querySelectorAll("tbody tr, li")]
    .map((line) => ({ line, entries: entriesOf(line), words: line.textContent.toLowerCase() }))
    .filter(({ entries }) => entries.length);

  /** Sections: a heading with everything up to the next one. */
  const parts = [...article.querySelectorAll("h2")].map((heading) => {
    const part = [heading];
    for (let next = heading.nextElementSibling; next && next.tagName !== "H2"; next = next.nextElementSibling) {
      part.push(next);
    }
    return part;
  });

  const words = element("input", { type: "search", id: "cp-words", autocomplete: "off", spellcheck: false });
  const count = element("output", { className: "cp-quiet" });
  const facets = [["layer", "Layer"], ["severity", "Severity"], ["modules", "Module"]].map(([name, title]) => {
    const values = new Set(lines.flatMap(({ entries }) => entries.flatMap((entry) => entry[name])));
    const sorted = name === "modules" ? [...values].sort() : Object.values(errors).flatMap((entry) => entry[name]);
    const options = [...new Set(sorted)].filter((value) => values.has(value));
    const field = element("select", { id: `cp-by-${name}` },
      ...["", ...options].map((value) => element("option", { value }, value || "any")));
    return { name, title, field };
  });

  function narrow() {
    const terms = words.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const { line, entries, words: text } of lines) {
      const fits = terms.every((word) => text.includes(word)) && entries.some((entry) =>
        facets.every(({ name, field }) => !field.value || [entry[name]].flat().includes(field.value)));
      line.hidden = !fits;
      shown += fits;
    }
    for (const part of parts) {
      const within = lines.filter(({ line }) => part.some((node) => node.contains(line)));
      const empty = within.length > 0 && within.every(({ line }) => line.hidden);
      for (const node of part) node.hidden = empty;
    }
    count.value = shown ? `${shown} of ${lines.length}` : "No line matches all filters.";
  }

  const label = (field, title) => element("label", { htmlFor: field.id }, title, field);
  const form = element("form", { className: "cp-narrow" },
    label(words, "Words"), ...facets.map(({ field, title }) => label(field, title)), count);
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter this list");
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  data.before(form);
  narrow();
});
