// The box on the first page. Outside text enters the page as text only, never as markup.
"use strict";
(() => {
  const { match, knowledge } = clearpay;
  const CERTAIN = 0.6;

  /** An element with what is in it: texts and other elements. */
  function element(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  const code = (text) => element("code", {}, text);

  /** Where an entry's page is, whether addresses end in a folder or in a file. */
  function address(id) {
    const known = document.querySelector(`.cp-entries a[href*="errors/${CSS.escape(id)}"]`);
    return known ? known.getAttribute("href") : `errors/${id}/`;
  }

  function answer(found, first) {
    const { severity, summary } = knowledge.entries[found.entry];
    const link = element("a", { href: address(found.entry) }, found.title);
    const certain = found.proves ? "The text shows this error" : "The words point here";
    const place = found.line ? `, first in line ${found.line}.` : ".";
    const box = element("section", { className: first ? "cp-answer cp-first" : "cp-answer" });
    box.append(element("h2", {}, link), element("p", {}, badge(severity), " ", code(found.entry)));
    if (first) box.append(element("p", {}, summary));
    box.append(element("p", {}, certain, place), element("ul", {}, ...found.why.map((why) => element("li", {}, why))));
    return box;
  }

  const badge = (severity) => element("span", { className: `cp-badge cp-${severity}` }, severity);

  /** What tells the first from the runner-up. */
  function apart(first, second) {
    const sign = knowledge.entries[first.entry].apart[second.entry];
    if (!sign) return [];
    return [element("p", {}, element("strong", {}, "What tells the two apart: "), sign)];
  }

  function next(first) {
    const commands = `${knowledge.entries[first.entry].check}\nclearpay-doctor explain ${first.entry}`;
    return [element("p", {}, "Run next:"), element("pre", {}, element("code", { tabIndex: 0 }, commands))];
  }

  function show(text) {
    const [first, second, ...others] = match(text);
    if (!first) return nothing();
    const parts = [answer(first, true), ...next(first)];
    if (second) {
      const title = second.score >= CERTAIN ? "Also in the text" : "Less likely";
      parts.push(element("p", {}, element("strong", {}, title)), answer(second, false), ...apart(first, second));
    }
    if (others.length) {
      const rest = others.map((one) => element("li", {}, element("a", { href: address(one.entry) }, one.title)));
      parts.push(element("p", {}, "Further:"), element("ul", {}, ...rest));
    }
    return parts;
  }

  const nothing = () => [
    element("p", {}, element("strong", {}, "No known error matches.")),
    element("p", {}, "A text about something else gets no answer. Paste more lines around the first error, or "
      + "let the probes look: ", code("clearpay-doctor check --target lab")),
  ];

  function start() {
    const form = document.getElementById("cp-paste");
    const field = document.getElementById("cp-text");
    const result = document.getElementById("cp-result");
    const find = () => result.replaceChildren(...(field.value.trim() ? show(field.value) : []));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      find();
    });
    field.addEventListener("paste", () => setTimeout(find));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find();
    });
    document.getElementById("cp-example").addEventListener("click", () => {
      field.value = knowledge.example;
      find();
    });
  }

  if (globalThis.document) start();
})();
