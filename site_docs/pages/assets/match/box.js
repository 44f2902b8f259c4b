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
  const strong = (text) => element("strong", {}, text);

  /** Return a text of a record as nodes: what stands between backticks is code. */
  const prose = (text) => text.split("`").map((part, place) => (place % 2 ? code(part) : part));

  /** Return the address of an entry's page, with folder-like or file-like addresses. */
  function address(id) {
    const link = document.querySelector(`.cp-entries a[href*="errors/${CSS.escape(id)}"]`);
    return link ? link.getAttribute("href") : `errors/${id}/`;
  }

  /** Return a block of code with a button that copies it; the theme answers the button. */
  function block(text) {
    const button = element("button", { type: "button", className: "md-code__button", title: "Copy to clipboard" });
    button.dataset.clipboardText = text;
    button.dataset.mdType = "copy";
    const bar = element("nav", { className: "md-code__nav" }, button);
    bar.setAttribute("aria-label", text.split("\n", 1)[0]);
    return element("div", { className: "highlight cp-code" }, element("pre", {}, bar, element("code", { tabIndex: 0 }, text)));
  }

  function card(match, first) {
    const entry = knowledge.entries[match.entry];
    const link = element("a", { href: address(match.entry) }, match.title);
    const certain = match.proves ? "The text shows this error" : "The words suggest this error";
    const place = match.line ? `, first in line ${match.line}.` : ".";
    const box = element("section", { className: first ? "cp-answer cp-first" : "cp-answer" });
    box.append(element("h2", {}, link), element("p", {}, badge(entry.severity), " ", code(match.entry)));
    if (first) box.append(element("p", {}, ...prose(entry.summary)), ...next(match.entry, entry));
    box.append(element("p", {}, certain, place), element("ul", {}, ...match.why.map((why) => element("li", {}, why))));
    return box;
  }

  const badge = (severity) => element("span", { className: `cp-badge cp-${severity}` }, severity);

  /** Show how to tell the first match from the second. */
  function difference(first, second) {
    const sign = knowledge.entries[first.entry].differences[second.entry];
    if (!sign) return [];
    return [element("p", {}, strong("How to tell the two apart: "), ...prose(sign))];
  }

  /** Return the command that confirms an entry, for the reader's own target, and the fix of its most frequent cause. */
  function next(id, { check, fix, causes }) {
    const parts = [element("p", {}, strong("Confirm it")), block(globalThis.clearpayTarget?.withTarget(check) ?? check)];
    if (!fix) return parts;
    const others = element("a", { href: `${address(id)}#which-cause` }, `all ${causes} causes`);
    const rest = causes > 1 ? [" of the most frequent cause (", others, ")"] : [];
    parts.push(element("p", {}, strong("Fix"), ...rest, ": ", ...prose(fix.sentence)), element("ol", {}, ...fix.steps.map(step)));
    if (fix.more) parts.push(element("p", {}, "Then ", element("a", { href: `${address(id)}#fix` }, `${fix.more} more`), "."));
    return parts;
  }

  /** Return a step of a fix; of several ways, the reader chooses the platform, which all steps and pages remember. */
  function step({ title, ways }) {
    const place = element("div", {});
    const select = (way) => {
      const undo = way.undo ? [element("p", { className: "cp-quiet" }, "Undo: ", ...prose(way.undo))] : [];
      const shown = way.command ? block(way.command) : element("div", {}, ...paragraphs(way.text));
      place.replaceChildren(shown, ...undo);
    };
    const remembered = globalThis.__md_get?.("__tabs") ?? [];
    const first = ways.find(({ platform }) => platform === remembered.find((name) => ways.some((way) => way.platform === name)));
    select(first ?? ways[0]);
    if (ways.length === 1) return element("li", {}, ...prose(title), place);
    const field = element("select", {}, ...ways.map((way) => element("option", { selected: way === first }, way.platform)));
    field.setAttribute("aria-label", "Platform");
    field.addEventListener("change", () => {
      const way = ways[field.selectedIndex];
      globalThis.__md_set?.("__tabs", [way.platform, ...remembered.filter((name) => name !== way.platform)]);
      select(way);
    });
    return element("li", {}, ...prose(title), " ", field, place);
  }

  const paragraphs = (text) => text.split("\n").map((line) => element("p", {}, ...prose(line.trim())));

  function show(text) {
    const [first, second, ...others] = clearpay.match(text);
    if (!first) return nothing();
    const parts = [card(first, true)];
    if (second) {
      const title = second.score >= CERTAIN_MIN ? "Also in the text" : "Less likely";
      parts.push(element("p", {}, strong(title)), card(second, false), ...difference(first, second));
    }
    if (others.length) {
      const rest = others.map(({ entry, title }) => element("li", {}, element("a", { href: address(entry) }, title)));
      parts.push(element("p", {}, "Also possible:"), element("ul", {}, ...rest));
    }
    return parts;
  }

  const nothing = () => [
    element("p", {}, strong("No known error matches.")),
    element("p", {}, "A text about another system has no match. Paste more lines around the first error, or "
      + "run the probes:"),
    block(globalThis.clearpayTarget?.withTarget("clearpay-doctor check") ?? "clearpay-doctor check"),
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
    document.addEventListener("clearpay-target", find);
  }

  if (globalThis.document) start();
})();
