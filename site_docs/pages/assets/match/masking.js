// kb/text/masking: replaces values that look like secrets with tokens, in the order of the rules.
"use strict";
(() => {
  const { pattern, whole, matchAt, table, knowledge } = clearpay;
  const FIRST = 0xf0000;
  const MARKS_MAX = 0xfffe;

  /** Tokens of one text, and the private-use characters that stand for them while rules run. */
  class Marks {
    marks = new Map();

    read(text) {
      const plain = text.replace(pattern("marks", "MARK", "g"), "\ufffd");
      return plain.replace(pattern("marks", "TOKEN", "g"), (token) => this.mark(token));
    }

    hide(value, name) {
      const kept = (value.match(pattern("marks", "MARK", "g")) ?? []).join("");
      return kept || !value ? kept : this.mark(`<${name}>`);
    }

    restore(text) {
      const tokens = new Map([...this.marks].map(([token, mark]) => [mark, token]));
      return text.replace(pattern("marks", "MARK", "g"), (mark) => tokens.get(mark) ?? mark);
    }

    mark(token) {
      if (!this.marks.has(token)) {
        if (this.marks.size === MARKS_MAX) return token;
        this.marks.set(token, String.fromCodePoint(FIRST + this.marks.size));
      }
      return this.marks.get(token);
    }
  }

  function mask(text) {
    const marks = new Marks();
    let masked = marks.read(text);
    const lowered = masked.toLowerCase();
    for (const [hints, rule] of rules()) {
      if (hints.some((hint) => lowered.includes(hint))) masked = rule(marks, masked);
    }
    return marks.restore(masked);
  }

  function maskPrivateKeys(text) {
    if (!text.includes("PRIVATE KEY-----")) return text;
    const marks = new Marks();
    return marks.restore(hidePrivateKeys(marks, marks.read(text)));
  }

  function rules() {
    const patterns = knowledge.masks.map(({ hints, name, source, flags }) => {
      const regex = new RegExp(source, `${flags}gd`);
      return [hints, (marks, text) => hidePattern(marks, text, regex, name)];
    });
    return [
      [["private key-----"], hidePrivateKeys],
      ...patterns,
      [["pass", "pwd", "secret", "token", "key"], hideKeyedValues],
      [[..."0123456789"], hideCards],
    ];
  }

  function hidePattern(marks, text, regex, name) {
    let out = "";
    let done = 0;
    for (const found of text.matchAll(regex)) {
      const [start, end] = found.indices.groups?.s ?? found.indices[0];
      out += text.slice(done, start) + marks.hide(text.slice(start, end), name);
      done = end;
    }
    return out + text.slice(done);
  }

  function hidePrivateKeys(marks, text) {
    const blocks = text.replace(pattern("private_keys", "BLOCK", "g"), (block, body, end) => {
      const mark = marks.hide("key", "private key");
      if (end) return mark;
      const lines = body.split("\n");
      const first = lines.findIndex((line) => !whole("private_keys", "LINE").test(line.trim()));
      return [mark, ...(first < 0 ? [] : lines.slice(first))].join("\n");
    });
    return blocks.replace(pattern("private_keys", "TAIL", "g"), () => marks.hide("key", "private key"));
  }

  function hideKeyedValues(marks, text) {
    let out = "";
    let done = 0;
    for (const key of text.replaceAll("\u0130", "I").toLowerCase().matchAll(pattern("keyed", "KEY", "g"))) {
      if (key.index >= done) {
        const [start, end] = valueSpan(text, key);
        out += text.slice(done, start) + marks.hide(text.slice(start, end), nameOf(key.groups));
        done = end;
      }
    }
    return out + text.slice(done);
  }

  function nameOf(groups) {
    if (groups.password) return "password";
    if (groups.token) return "token";
    return (groups.key ?? "").startsWith("api") ? "api key" : "secret";
  }

  function valueSpan(text, key) {
    const at = key.index + key[0].length;
    const quoted = matchAt(pattern("keyed", "QUOTED", "d"), text, at);
    if (quoted) return quoted.indices.slice(1).find((span) => span) ?? quoted.indices[0];
    const escaped = matchAt(pattern("keyed", "ESCAPED", "d"), text, at);
    if (escaped) return escaped.indices[2];
    const bare = matchAt(pattern("keyed", "STRUCTURE"), text, at) ? null : bareValue(text, key, at);
    if (!bare || whole("keyed", "PUBLIC_VALUES").test(bare)) return [at, at];
    return [at, at + (withoutClosers(bare) || bare).length];
  }

  function withoutClosers(text) {
    let end = text.length;
    while (end > 0 && table("keyed", "CLOSERS").includes(text[end - 1])) end -= 1;
    return text.slice(0, end);
  }

  function bareValue(text, key, at) {
    const before = text.slice(Math.max(0, key.index - table("keyed", "WINDOW")), key.index);
    const take = (name) => matchAt(pattern("keyed", name), text, at)?.[0] ?? null;
    if (key.groups.sep !== ":") return take(/[?&][\p{L}\p{N}_.-]*$/u.test(before) ? "IN_QUERY" : "BARE");
    if (pattern("keyed", "OWN_LINE").test(before)) return take("REST_OF_LINE");
    const value = take("BARE");
    const isWord = value && value.length < table("keyed", "MAX_WORD") && !/\p{Nd}/u.test(value);
    return isWord && !key.groups.password ? null : value;
  }

  function hideCards(marks, text) {
    return text.replace(pattern("cards", "RUN", "g"), (run) => {
      const parts = run.split(/([ -])/);
      let out = "";
      for (let i = 0; i < parts.length; ) {
        const length = table("cards", "PARTS").find((n) => isCard(parts.slice(i, i + n))) ?? 0;
        out += length ? marks.hide(parts.slice(i, i + length).join(""), "card number") : parts[i];
        i += length || 1;
      }
      return out;
    });
  }

  function isCard(parts) {
    const groups = parts.filter((_, at) => at % 2 === 0);
    const lengths = groups.map((part) => part.length).join(" ");
    if (groups.length > 1 && !table("cards", "GROUPS").some((known) => known.join(" ") === lengths)) return false;
    const digits = groups.join("");
    return whole("cards", "PREFIXES").test(digits) && hasValidCheckDigit(digits);
  }

  function hasValidCheckDigit(digits) {
    const sum = [...digits].reverse().reduce((total, digit, at) => {
      const value = at % 2 ? 2 * Number(digit) : Number(digit);
      return total + Math.floor(value / 10) + (value % 10);
    }, 0);
    return sum % 10 === 0;
  }

  Object.assign(clearpay, { mask, maskPrivateKeys });
})();
