// Access to the constants and patterns of the Python modules: see site_docs/page_types/match_box.py.
"use strict";
(() => {
  const compiled = new Map();
  const sticky = new WeakMap();

  /** Return a pattern of a Python module as a RegExp; `flags` are added to its own. */
  function pattern(module, name, flags = "") {
    const key = `${module}.${name}/${flags}`;
    if (!compiled.has(key)) {
      const definition = clearpay.knowledge.patterns[module][name];
      compiled.set(key, new RegExp(definition.source, definition.flags + flags));
    }
    return compiled.get(key);
  }

  /** Return a pattern of a Python module that must match the whole text. */
  function whole(module, name) {
    const key = `${module}.${name}/whole`;
    if (!compiled.has(key)) {
      const definition = clearpay.knowledge.patterns[module][name];
      compiled.set(key, new RegExp(`^(?:${definition.source})(?![\\s\\S])`, definition.flags));
    }
    return compiled.get(key);
  }

  /** Match a pattern at exactly this position; null without a match. */
  function matchAt(regex, text, at) {
    if (!sticky.has(regex)) sticky.set(regex, new RegExp(regex.source, `${regex.flags}y`));
    const anchored = sticky.get(regex);
    anchored.lastIndex = at;
    return anchored.exec(text);
  }

  /** Return a constant of a Python module. */
  function table(module, name) {
    return clearpay.knowledge.tables[module][name];
  }

  /** Return a mapping of a Python module; a plain object would have names such as `constructor`. */
  function mapping(module, name) {
    return new Map(Object.entries(table(module, name)));
  }

  const isLetterOrDigit = (text) => /^[\p{L}\p{N}]/u.test(text);

  Object.assign(clearpay, { pattern, whole, matchAt, table, mapping, isLetterOrDigit });
})();
