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

  /** Parse a JSON object. Numbers stay as written and keys in their order, as in Python: `1.0`, then "2", "1". */
  function jsonObject(line) {
    const text = line.trim();
    if (!text.startsWith("{") || !text.endsWith("}")) return null;
    try {
      JSON.parse(text);
      const marked = text.replace(/("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*/g, (token, string, colon) => {
        if (!string) return `"${token}"`;
        return colon ? `"_${string.slice(1)}${colon}` : string;
      });
      return JSON.parse(marked);
    } catch {
      return null;
    }
  }

  function recordLines(record) {
    const lines = [];
    const rest = [];
    let time = "";
    let level = "";
    for (const [key, value] of flattened(record, "")) {
      const name = key.slice(key.lastIndexOf(".") + 1).toLowerCase();
      const text = stripControls(asText(value));
      if (whole("json_logs", "TIME_KEYS").test(name)) time ||= text;
      else if (whole("json_logs", "LEVEL_KEYS").test(name) && whole("json_logs", "LEVEL").test(text)) {
        level ||= ` ${text.toUpperCase()}:`;
      }
      if (whole("json_logs", "MESSAGE_KEYS").test(name) && /[ \n]/.test(text)) {
        lines.push(...text.replace(/\n+$/, "").split("\n"));
      } else if (!whole("json_logs", "METADATA_KEYS").test(name) && value !== null && value !== "") {
        const shown = whole("json_logs", "UNQUOTED").test(text) ? text : JSON.stringify(text);
        rest.push(`${stripControls(key)}=${shown}`);
      }
    }
    if (rest.length) lines.push(rest.join(" "));
    if (lines.length && time && !time.includes("\n") && !lines[0].trimStart().startsWith("{")) {
      lines[0] = `${time}${level} ${lines[0]}`;
    }
    return lines;
  }

  function* flattened(value, prefix) {
    for (const [marked, item] of Object.entries(value)) {
      const key = Array.isArray(value) ? marked : marked.slice(1);
      if (item !== null && typeof item === "object") yield* flattened(item, `${prefix}${key}.`);
      else yield [`${prefix}${key}`, item];
    }
  }

  /** Format a value as Python's `str` does. */
  function asText(value) {
    if (value === null) return "None";
    return typeof value === "boolean" ? (value ? "True" : "False") : String(value);
  }

  Object.assign(clearpay, { clean, jsonObject });
})();
