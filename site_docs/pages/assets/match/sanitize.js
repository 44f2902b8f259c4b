// kb/text/sanitize.py and kb/text/json_logs.py: removes controls, masks secrets, turns JSON lines into text.
"use strict";
(() => {
  const { pattern, whole, table } = clearpay;

  function stripControls(text) {
    return text
      .replace(pattern("sanitize", "BREAKS", "g"), "\n")
      .replace(pattern("sanitize", "ESCAPES", "g"), "")
      .replace(pattern("sanitize", "INVISIBLE", "g"), "")
      .replace(pattern("sanitize", "CONTROLS", "g"), "\ufffd");
  }

  /** Keep the beginning and the end of a text above the limit, cut at the ends of lines. */
  function truncated(text) {
    const limit = table("sanitize", "MAX_CHARS");
    if (text.length <= limit) return text;
    const half = Math.floor((limit - table("sanitize", "NOTICE_CHARS")) / 2);
    let head = text.slice(0, half);
    let tail = text.slice(-half);
    head = head.slice(0, Math.max(0, head.lastIndexOf("\n"))) || head;
    tail = tail.slice(tail.indexOf("\n") + 1) || tail;
    return `${head}\n[${text.length - head.length - tail.length} characters left out]\n${tail}`;
  }

  /** Return a text that is safe to show and to match, with tokens in place of secrets. */
  function clean(text) {
    const plain = clearpay.maskStructures(stripControls(truncated(text)));
    const lines = expand(plain.split("\n"));
    return truncated(clearpay.mask(lines.join("\n")));
  }

  /** Expand each line that is a JSON object: its messages become lines, the rest `key=value`. */
  function expand(lines) {
    return lines.flatMap((line) => {
      const record = jsonObject(line);
      return record === null ? [line] : expand(recordLines(record));
    });
  }

  function jsonObject(line) {
    const text = line.trim();
    if (!text.startsWith("{") || !text.endsWith("}")) return null;
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  function recordLines(record) {
    const lines = [];
    const rest = [];
    for (const [key, value] of flattened(record, "")) {
      const name = key.slice(key.lastIndexOf(".") + 1).toLowerCase();
      const text = stripControls(asText(value));
      if (whole("json_logs", "MESSAGE_KEYS").test(name) && /[ \n]/.test(text)) {
        lines.push(...text.replace(/\n+$/, "").split("\n"));
      } else if (!whole("json_logs", "METADATA_KEYS").test(name) && value !== null && value !== "") {
        const shown = whole("json_logs", "UNQUOTED").test(text) ? text : JSON.stringify(text);
        rest.push(`${stripControls(key)}=${shown}`);
      }
    }
    return rest.length ? [...lines, rest.join(" ")] : lines;
  }

  function* flattened(value, prefix) {
    for (const [key, item] of Object.entries(value)) {
      if (item !== null && typeof item === "object") yield* flattened(item, `${prefix}${key}.`);
      else yield [`${prefix}${key}`, item];
    }
  }

  /** Format a value as Python's `str` does. */
  function asText(value) {
    if (value === null) return "None";
    return typeof value === "boolean" ? (value ? "True" : "False") : String(value);
  }

  Object.assign(clearpay, { clean });
})();
