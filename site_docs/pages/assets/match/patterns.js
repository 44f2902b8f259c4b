// The tables and patterns of the matcher, as Python's own modules hold them: see site_docs/page_types/match_box.py.
"use strict";
(() => {
  const made = new Map();
  const sticky = new WeakMap();

  /** A pattern of a Python module, ready for use; `flags` are added to its own. */
  function pattern(module, name, flags = "") {
    const key = `${module}.${name}/${flags}`;
    if (!made.has(key)) {
      const known = clearpay.knowledge.patterns[module][name];
      made.set(key, new RegExp(known.source, known.flags + flags));
    }
    return made.get(key);
  }

  /** A pattern that has to take the whole text. */
  function whole(module, name) {
    const key = `${module}.${name}/whole`;
    if (!made.has(key)) {
      const known = clearpay.knowledge.patterns[module][name];
      made.set(key, new RegExp(`^(?:${known.source})(?![\\s\\S])`, known.flags));
    }
    return made.get(key);
  }

  /** What a pattern finds at exactly this place, or null. */
  function matchAt(regex, text, at) {
    if (!sticky.has(regex)) sticky.set(regex, new RegExp(regex.source, `${regex.flags}y`));
    const here = sticky.get(regex);
    here.lastIndex = at;
    return here.exec(text);
  }

  /** A constant of a Python module. */
  function table(module, name) {
    return clearpay.knowledge.tables[module][name];
  }

  /** A mapping of the tables; a plain object would know names such as `constructor`. */
  function mapping(module, name) {
    return new Map(Object.entries(table(module, name)));
  }

  const isLetterOrDigit = (text) => /^[\p{L}\p{N}]/u.test(text);

  Object.assign(clearpay, { pattern, whole, matchAt, table, mapping, isLetterOrDigit });
})();
