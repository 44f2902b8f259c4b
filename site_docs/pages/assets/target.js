// Puts the reader's own target into the commands of a page. The name stays in this browser.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const KEY = "clearpay-doctor.target";
  const NAME = /^[\w.-]*$/u;

  function stored() {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return ""; // a browser may forbid storage, above all for pages from a disk
    }
  }

  function store(name) {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // The name holds for this page only.
    }
  }

  /** Return a name as one word of a shell. */
  const quoted = (name) => (NAME.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

  let name = stored();

  /** Return a command with the option that names the target; without a name, the default of the target file applies. */
  const withTarget = (command) => (name ? `${command} --target ${quoted(name)}` : command);

  const WANTS_TARGET = /^clearpay-doctor (?:check|verify|fix|diagnose|runbook run|tui)\b(?!.*--target)[^\n]*\n?$/;
  const commands = [...document.querySelectorAll(".highlight pre > code")].filter((code) => WANTS_TARGET.test(code.textContent));

  /** Put the name at the end of every command that wants a target, as an element of its own. */
  function fill() {
    for (const code of commands) {
      code.querySelector(".cp-option")?.remove();
      if (!name) continue;
      const option = Object.assign(document.createElement("span"), { className: "cp-option", textContent: withTarget("") });
      const end = [...code.childNodes].findLastIndex((node) => node.textContent.trim());
      code.insertBefore(option, code.childNodes[end + 1] ?? null);
    }
  }

  /** Return a field for the name, with its label. */
  function field() {
    const label = Object.assign(document.createElement("label"), { className: "cp-target", textContent: "Target " });
    const input = Object.assign(document.createElement("input"), {
      type: "text", value: name, placeholder: "default of the file", autocomplete: "off", spellcheck: false, size: 16,
    });
    input.addEventListener("input", () => {
      name = input.value.trim();
      store(name);
      fill();
      document.dispatchEvent(new Event("clearpay-target"));
    });
    label.append(input);
    return label;
  }

  document.getElementById("cp-target")?.replaceWith(field());
  globalThis.clearpayTarget = { withTarget };
  fill();
});
