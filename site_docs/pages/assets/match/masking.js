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

  const mask = (text) => apply(rules().all, text);
  const maskStructures = (text) => apply(rules().structures, text);

  function apply(list, text) {
    const marks = new Marks();
    let masked = marks.read(text);
    const lowered = masked.toLowerCase();
    for (const [hints, rule] of list) {
      if (hints.some((hint) => lowered.includes(hint))) masked = rule(marks, masked);
    }
    return marks.restore(masked);
  }

  let prepared = null;

  /** Return the rules in their order; they are built once. */
  function rules() {
    if (prepared) return prepared;
    const { urls, vendors, surroundings, sentences, elements, structures: shapes } = knowledge.masks;
    const patternRules = (list) => list.map(patternRule);
    const inTurn = (list) => (marks, text) => list.reduce((masked, [, rule]) => rule(marks, masked), text);
    const hidePairElements = inTurn(patternRules(elements));
    const hidePairs = (marks, text) => hidePairElements(marks, hideValues(marks, text, findPairs(text)));
    const structures = [
      [table("masking", "HINTS_KEYS"), hidePrivateKeys],
      [table("masking", "HINTS_KUBERNETES"), hideKubernetesData],
      [table("masking", "HINTS_PAIRS"), hidePairs],
      ...patternRules(shapes),
    ];
    const all = [
      ...structures,
      ...patternRules(urls),
      [[""], inTurn(patternRules(vendors))],
      ...patternRules(surroundings),
      [table("masking", "HINTS_NAMES"), (marks, text) => hideValues(marks, text, findKeys(text))],
      ...patternRules(sentences),
      [table("masking", "HINTS_CARDS"), hideCards],
    ];
    prepared = { structures, all };
    return prepared;
  }

  function patternRule({ hints, name, checked, source, flags }) {
    const regex = new RegExp(source, `${flags}gd`);
    return [hints, (marks, text) => hidePattern(marks, text, regex, name, checked)];
  }

  function hidePattern(marks, text, regex, name, checked) {
    let out = "";
    let done = 0;
    for (const found of text.matchAll(regex)) {
      const [start, end] = found.indices.groups?.s ?? found.indices[0];
      const value = text.slice(start, end);
      if (value && !(checked && isPublic(value.replace(/^["']+|["']+$/g, "")))) {
        out += text.slice(done, start) + marks.hide(value, name);
        done = end;
      }
    }
    return out + text.slice(done);
  }

  // values.py

  function isPublic(text) {
    const value = text.trim();
    const isReference = whole("values", "PUBLIC");
    if (isReference.test(withoutClosers(value) || value) || isReference.test(value)) return true;
    const word = matchAt(pattern("values", "FIRST_WORD"), value, 0)?.[0];
    const begins = (name) => table("values", name).includes(word.toLowerCase());
    const known = word && (begins("WORDS") || (word !== value && begins("NAMES")));
    return Boolean(known) && whole("values", "SENTENCE").test(value);
  }

  const looksRandom = (value, least) => value.length >= least && whole("values", "RANDOM").test(value);

  function withoutClosers(text) {
    let end = text.length;
    while (end > 0 && table("values", "CLOSERS").includes(text[end - 1])) end -= 1;
    return text.slice(0, end);
  }

  // private_keys.py

  function hidePrivateKeys(marks, text) {
    const boundaries = [...text.matchAll(pattern("private_keys", "BOUNDARY", "g"))];
    const hidden = () => marks.hide("key", "private key");
    let out = "";
    let done = 0;
    boundaries.forEach((boundary, at) => {
      if (boundary.index < done) return;
      const start = boundary.index + boundary[0].length;
      const next = boundaries[at + 1];
      const before = text.slice(done, boundary.index);
      if (boundary.groups.kind === "END") {
        out += hideTail(marks, before);
        done = start;
      } else if (next?.groups.kind === "END" && next.index - start <= table("private_keys", "MAX_BODY")) {
        out += before + hidden();
        done = next.index + next[0].length;
      } else {
        const prefix = before.slice(before.lastIndexOf("\n") + 1);
        const [kept, end] = hideHead(text, start, next ? next.index : text.length, prefix);
        out += before + hidden() + kept;
        done = end;
      }
    });
    return out + text.slice(done);
  }

  function hideHead(text, start, limit, prefix) {
    const [first, ...lines] = text.slice(start, limit).split("\n");
    const isBody = whole("private_keys", "LINE").test(first.trim());
    const kept = isBody ? "" : first.replace(pattern("private_keys", "BASE64", "g"), "");
    let at = start + first.length;
    for (const line of lines) {
      if (!isKeyLine(line, shapeOf(prefix))) break;
      at += 1 + line.length;
    }
    return [kept, at];
  }

  function hideTail(marks, before) {
    const lines = before.split("\n");
    const prefix = lines.at(-1);
    let first = lines.length - 1;
    while (
      first > 0 &&
      lines.length - first <= table("private_keys", "FIRST_LINES") &&
      isKeyLine(lines[first - 1], shapeOf(prefix))
    ) {
      first -= 1;
    }
    const mark = marks.hide("key", "private key");
    if (first === lines.length - 1 && !pattern("private_keys", "BASE64").test(prefix)) return before + mark;
    return [...lines.slice(0, first), mark].join("\n");
  }

  function isKeyLine(line, shape) {
    const hasPrefix = shape.trim() !== "";
    const isBase64 = (text) => whole("private_keys", "LAST_WORD").test(text.trim());
    let rest = line;
    if (hasPrefix && shapeOf(line.slice(0, shape.length)) === shape) rest = line.slice(shape.length);
    else if (hasPrefix) return isBase64(line);
    return whole("private_keys", "LINE").test(rest.trim()) || isBase64(rest);
  }

  const shapeOf = (prefix) => prefix.replace(/\p{Nd}/gu, "0").replace(/[A-Za-z]/g, "a");

  // kubernetes.py

  function hideKubernetesData(marks, text) {
    const isSecret = (part) => pattern("kubernetes", "KIND").test(part);
    let out = text;
    if (isSecret(text)) {
      const parts = text.split(pattern("kubernetes", "DOCUMENT"));
      out = parts.map((part) => (isSecret(part) ? hideYaml(marks, part) : part)).join("");
    }
    if (pattern("kubernetes", "JSON_KIND").test(out)) {
      out = out.replace(pattern("kubernetes", "JSON_DATA", "g"), (data) => hideFields(marks, data, "JSON_VALUE"));
    }
    return out;
  }

  function hideYaml(marks, document) {
    let column = -1;
    const lines = document.split("\n").map((line) => {
      if (column >= 0 && line.trim() && !/^\s/.test(line.slice(column, column + 1))) column = -1;
      const data = column < 0 ? pattern("kubernetes", "DATA", "d").exec(line) : null;
      if (data) {
        column = data.indices[1][0];
        return data[2] ? line.slice(0, column) + hideFields(marks, line.slice(column), "FLOW_VALUE") : line;
      }
      if (column < 0 || !line.trim()) return line;
      const words = line.slice(column).trimStart();
      return line.slice(0, line.length - words.length) + hideDataLine(marks, words);
    });
    return lines.join("\n");
  }

  function hideDataLine(marks, words) {
    const item = whole("kubernetes", "ITEM").exec(words);
    if (!item) return marks.hide(words, table("kubernetes", "NAME"));
    const start = words.length - item[1].length;
    return words.slice(0, start) + marks.hide(item[1].trim(), table("kubernetes", "NAME"));
  }

  function hideFields(marks, text, form) {
    const name = table("kubernetes", "NAME");
    return text.replace(pattern("kubernetes", form, "g"), (_, start, value) => start + marks.hide(value, name));
  }

  // names.py

  const lower = (text) => text.replaceAll("\u0130", "I").toLowerCase();
  const findKeys = (text) => matches("KEY", text).filter((key) => namesASecret(text, key));
  const findPairs = (text) => matches("PAIR", text);

  function matches(form, text) {
    return [...lower(text).matchAll(pattern("names", form, "g"))].map((match) => {
      const groups = Object.entries(match.groups).filter(([name, word]) => word && name !== "sep");
      const before = text.slice(Math.max(0, match.index - table("names", "WINDOW")), match.index).toLowerCase();
      const end = match.index + match[0].length;
      return { kind: groups.at(-1)[0], start: match.index, end, separator: match.groups.sep, before, text: match[0] };
    });
  }

  function namesASecret(text, key) {
    const follows = (form) => pattern("names", form).test(key.before);
    if (key.kind === "short") {
      const isPart = follows("LETTER") && !/\p{Lu}/u.test(text[key.start]);
      return !isPart || follows("SHORT_KIND");
    }
    if (key.kind === "query") return follows("QUERY_KIND");
    if (key.kind === "key") return follows("KEY_KIND") || follows("QUERY_KIND");
    return !(key.kind === "secret" && follows("RESOURCE"));
  }

  function isStrong(key) {
    if (key.kind === "key") return pattern("names", "KEY_KIND").test(key.before);
    return key.kind !== "random" && key.kind !== "query";
  }

  function maskName(key) {
    if (key.kind === "password" || key.kind === "short") return "password";
    if (key.kind === "key" && pattern("names", "API_KEY").test(key.before)) return "api key";
    return key.kind === "token" ? "token" : "secret";
  }

  // keyed.py

  function hideValues(marks, text, keys) {
    let out = "";
    let done = 0;
    for (const key of keys) {
      if (key.start < done) continue;
      const [start, end] = valueSpan(text, key);
      out += text.slice(done, start) + marks.hide(text.slice(start, end), maskName(key));
      done = end;
    }
    return out + text.slice(done);
  }

  const take = (form, text, at, flags = "") => matchAt(pattern("keyed", form, flags), text, at);

  function valueSpan(text, key) {
    const nothing = [key.end, key.end];
    if (key.separator === "," && !isTuple(text, key)) return nothing;
    const at = key.end + (take("LEAD", text, key.end)?.[0].length ?? 0);
    const [start, end] = enclosedSpan(text, key, at) ?? bareSpan(text, key, at);
    const isNothing = start === end || isHarmless(text, key, text.slice(start, end), start > at);
    return isNothing ? nothing : [start, end];
  }

  function enclosedSpan(text, key, at) {
    const quoted = take("QUOTED", text, at, "d");
    if (quoted) return quoted.indices.slice(1).find((span) => span) ?? quoted.indices[0];
    const escaped = take("ESCAPED", text, at, "d");
    if (escaped) return escaped.indices[2];
    const values = take("LIST", text, at, "d");
    if (values) return values.indices[1];
    const block = key.separator === ":" && take("BLOCK", text, at);
    if (block) return blockSpan(text, key, at + block[0].length);
    const lines = key.separator === ":" && take("ESCAPED_BLOCK", text, at, "d");
    if (lines) return lines.indices[2];
    const line = key.separator === ":" && take("NEXT_LINE", text, at, "d");
    if (line) return line[1].length > indentOf(text, key) ? line.indices[2] : [at, at];
    if (take("STRUCTURE", text, at)) return [at, at];
    return (key.separator === "=" && take("BRACED", text, at, "d")?.indices[1]) || null;
  }

  function bareSpan(text, key, at) {
    const form = bareForm(text, key, at);
    const bare = take(form, text, at)?.[0];
    if (!bare || (form === "BARE" && key.separator === ":" && isWord(key, bare))) return [at, at];
    return [at, at + (withoutClosers(bare) || bare).length];
  }

  function bareForm(text, key, at) {
    const ownLine = pattern("keyed", "OWN_LINE").test(key.before);
    if (key.separator !== ":") {
      if ("%\\&".includes(key.separator[0]) || pattern("keyed", "BEFORE_QUERY").test(key.before)) return "IN_QUERY";
      const isIni = key.separator === "=" && (/[ \t]$/.test(key.text) || key.text.includes("phrase"));
      return ownLine && isIni && take("WORDS", text, at) ? "WORDS" : "BARE";
    }
    return ownLine && key.kind !== "short" ? "REST_OF_LINE" : "BARE";
  }

  const isWord = (key, value) =>
    value.length < table("keyed", "MAX_WORD") &&
    !/\p{Nd}/u.test(value) &&
    key.kind !== "password" &&
    key.kind !== "short";

  function isHarmless(text, key, value, quoted) {
    if (isPublic(value) || !/[\p{L}\p{N}]|.{4}/u.test(value)) return true;
    if (!isStrong(key)) {
      return !looksRandom(value, table("keyed", "MIN_RANDOM")) || whole("keyed", "BACKEND").test(value);
    }
    if (quoted) return false;
    if (key.kind === "short") {
      return whole("keyed", "COUNT").test(value) || isResult(text, key);
    }
    const word = take("IDENTIFIER", value, 0)?.[0];
    if (!word) return false;
    const name = (key.before + key.text).replace(/[=: \t"']+$/, "");
    return (/^={2,3}$/.test(key.separator) && word === value) || name.endsWith(word.toLowerCase());
  }

  const isResult = (text, key) =>
    key.text.startsWith("pass:") && /\p{Lu}/u.test(text[key.start]) && !/[\p{L}\p{N}_]$/u.test(key.before);

  function isTuple(text, key) {
    const opening = pattern("keyed", "BEFORE_TUPLE").exec(key.before);
    const value = take("TUPLE", text, key.end)?.[1];
    if (!opening || !value || whole("names", "NAME").test(value.toLowerCase())) return false;
    return opening[1] === "(" || !/^[a-z_]+$/.test(value);
  }

  function indentOf(text, key) {
    const start = key.start ? text.lastIndexOf("\n", key.start - 1) + 1 : 0;
    return take("INDENT", text, start)?.[0].length ?? 0;
  }

  function blockSpan(text, key, at) {
    const start = key.start ? text.lastIndexOf("\n", key.start - 1) + 1 : 0;
    const line = text.slice(start, key.start);
    const prefix = shapeOf(line.slice(0, pattern("keyed", "NAME_START").exec(line).index));
    const indent = indentOf(text, key);
    let first = 0;
    let end = at;
    while (end < text.length) {
      const newline = text.indexOf("\n", end);
      const after = newline < 0 ? text.length : newline;
      let body = end + prefix.length;
      const shape = shapeOf(text.slice(end, body));
      let isInside =
        /^\s/.test(text.slice(body, body + 1)) && (shape === prefix || shape === " ".repeat(prefix.length));
      const words = text.slice(end, after);
      if (!isInside && words.length - words.trimStart().length > indent) {
        isInside = true;
        body = end;
      }
      if (words.trim() && !isInside) break;
      const rest = text.slice(body, after);
      first ||= body + rest.length - rest.trimStart().length;
      end = after + 1;
    }
    first ||= at;
    return [first, first + text.slice(first, end).trimEnd().length];
  }

  // cards.py

  function hideCards(marks, text) {
    return text.replace(pattern("cards", "RUN", "g"), (run, at) => {
      const before = text.slice(Math.max(0, at - table("cards", "CONTEXT")), at);
      const named = pattern("cards", "CARD_WORD").test(before);
      if (!named && pattern("cards", "OTHER_NUMBER").test(before)) return run;
      return maskRun(marks, run.split(pattern("cards", "PART")), named);
    });
  }

  function maskRun(marks, parts, named) {
    let out = "";
    for (let i = 0; i < parts.length; ) {
      const fits = (n) => i + n <= parts.length && isCard(parts.slice(i, i + n), named);
      let length = table("cards", "PARTS").find(fits) ?? 0;
      if (length === 1 && isDecimal(parts, i)) length = 0;
      out += length ? marks.hide(parts.slice(i, i + length).join(""), "card number") : parts[i];
      i += length || 1;
    }
    return out;
  }

  const isDecimal = (parts, at) =>
    parts[at - 1] === "." || (parts[at + 1] === "." && parts[at + 2].replaceAll("0", "") !== "");

  function isCard(parts, named) {
    const groups = parts.filter((_, at) => at % 2 === 0);
    const lengths = groups.map((part) => part.length).join(" ");
    if (groups.length > 1 && !table("cards", "GROUPS").some((known) => known.join(" ") === lengths)) return false;
    const digits = groups.join("");
    const isKnown = whole("cards", "ISSUERS").test(digits) || (named && whole("cards", "OLD_VISA").test(digits));
    return isKnown && hasValidCheckDigit(digits);
  }

  function hasValidCheckDigit(digits) {
    const sum = [...digits].reverse().reduce((total, digit, at) => {
      const value = at % 2 ? 2 * Number(digit) : Number(digit);
      return total + Math.floor(value / 10) + (value % 10);
    }, 0);
    return sum % 10 === 0;
  }

  Object.assign(clearpay, { mask, maskStructures });
})();
