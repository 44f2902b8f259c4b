// The box on the first page. Pasted text enters the page as text, never as markup.
"use strict";
(() => {
  const { knowledge } = clearpay;
  const CERTAIN_MIN = 0.6;

  /** Create an element with its attributes and children: texts and other elements. */
  function element(name, attributes, ...children) {
    const created = Object.assign(document.createElement(name), attributes);
    created.append(...children);
    return created;
  }

  const code = (text) => element("code", {}, text);

  /** Return the address of an entry's page, with folder-like or file-like addresses. */
  function address(id) {
    const link = document.querySelector(`.cp-entries a[href*="errors/${CSS.escape(id)}"]`);
    return link ? link.getAttribute("href") : `errors/${id}/`;
  }

  function card(match, first) {
    const { severity, summary } = knowledge.entries[match.entry];
    const link = element("a", { href: address(match.entry) }, match.title);
    const certain = match.proves ? "The text shows this error" : "The words suggest this error";
    const place = match.line ? `, first in line ${match.line}.` : ".";
    const box = element("section", { className: first ? "cp-answer cp-first" : "cp-answer" });
    box.append(element("h2", {}, link), element("p", {}, badge(severity), " ", code(match.entry)));
    if (first) box.append(element("p", {}, summary));
    box.append(element("p", {}, certain, place), element("ul", {}, ...match.why.map((why) => element("li", {}, why))));
    return box;
  }

  const badge = (severity) => element("span", { className: `cp-badge cp-${severity}` }, severity);

  /** Show how to tell the first match from the second. */
  function difference(first, second) {
    const sign = knowledge.entries[first.entry].differences[second.entry];
    if (!sign) return [];
    return [element("p", {}, element("strong", {}, "How to tell the two apart: "), sign)];
  }

  function next(first) {
    const commands = `${knowledge.entries[first.entry].check}\nclearpay-doctor explain ${first.entry}`;
    return [element("p", {}, "Run next:"), element("pre", {}, element("code", { tabIndex: 0 }, commands))];
  }

  function show(text) {
    const [first, second, ...others] = clearpay.match(text);
    if (!first) return nothing();
    const parts = [card(first, true), ...next(first)];
    if (second) {
      const title = second.score >= CERTAIN_MIN ? "Also in the text" : "Less likely";
      parts.push(element("p", {}, element("strong", {}, title)), card(second, false), ...difference(first, second));
    }
    if (others.length) {
      const rest = others.map(({ entry, title }) => element("li", {}, element("a", { href: address(entry) }, title)));
      parts.push(element("p", {}, "Also possible:"), element("ul", {}, ...rest));
    }
    return parts;
  }

  const nothing = () => [
    element("p", {}, element("strong", {}, "No known error matches.")),
    element("p", {}, "A text about another system has no match. Paste more lines around the first error, or "
      + "run the probes: ", code("clearpay-doctor check --target lab")),
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
