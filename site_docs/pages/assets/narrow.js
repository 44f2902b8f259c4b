// Narrows a list of errors by words, layer, severity and module. Without it, the page shows all of them.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("cp-facets");
  if (!data) return;
  const known = JSON.parse(data.textContent);
  const article = data.closest("article");

  function element(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  /** The entries that a line leads to, by the last part of its links. */
  function entriesOf(line) {
    const names = [...line.querySelectorAll("a[href]")].map((link) =>
      link.getAttribute("href").replace(/#.*|\/$|\.html.*/g, "").split("/").pop());
    return names.filter((name) => Object.hasOwn(known, name)).map((name) => known[name]);
  }

  const lines = [...article.querySelectorAll("tbody tr, li")]
    .map((line) => ({ line, entries: entriesOf(line), words: line.textContent.toLowerCase() }))
    .filter(({ entries }) => entries.length);

  /** A heading with all up to the next one. */
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
    const sorted = name === "modules" ? [...values].sort() : Object.values(known).flatMap((entry) => entry[name]);
    const options = [...new Set(sorted)].filter((value) => values.has(value));
    const field = element("select", { id: `cp-by-${name}` },
      ...["", ...options].map((value) => element("option", { value }, value || "any")));
    return { name, title, field };
  });

  function narrow() {
    const wanted = words.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const { line, entries, words: text } of lines) {
      const fits = wanted.every((word) => text.includes(word)) && entries.some((entry) =>
        facets.every(({ name, field }) => !field.value || [entry[name]].flat().includes(field.value)));
      line.hidden = !fits;
      shown += fits;
    }
    for (const part of parts) {
      const within = lines.filter(({ line }) => part.some((one) => one.contains(line)));
      const empty = within.length > 0 && within.every(({ line }) => line.hidden);
      for (const one of part) one.hidden = empty;
    }
    count.value = shown ? `${shown} of ${lines.length}` : "None fits all of this.";
  }

  const label = (field, title) => element("label", { htmlFor: field.id }, title, field);
  const form = element("form", { className: "cp-narrow" },
    label(words, "Words"), ...facets.map(({ field, title }) => label(field, title)), count);
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Narrow this list");
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  data.before(form);
  narrow();
});
