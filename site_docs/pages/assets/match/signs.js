// kb/text/signs.py: finds typed signs: SQLSTATE, exception class, errno, TLS verify code, HTTP status, error type.
"use strict";
(() => {
  const { stripPrefix, pattern, table, mapping } = clearpay;
  const SQLSTATES = mapping("sign_names", "SQLSTATES");
  const ASYNCPG = mapping("sign_names", "ASYNCPG");
  const ERRNO_NUMBERS = mapping("sign_names", "ERRNO_NUMBERS");
  const ERRNO_TEXTS = mapping("sign_names", "ERRNO_TEXTS");
  const VERIFY_CODES = mapping("sign_names", "VERIFY_CODES");
  const ERRNO_NAMES = new Set(table("sign_names", "ERRNO_NAMES"));
  const CLASSES = new Set(table("sign_names", "SQLSTATE_CLASSES"));
  const LENGTH = table("signs", "CODE_LENGTH");
  const isDigits = (text) => /^[0-9]+$/.test(text);
  const isUpper = (text) => /[A-Z]/.test(text) && !/[a-z]/.test(text);
  const endsWith = (text, endings) => endings.some((ending) => text.endsWith(ending));
  const startsWith = (text, beginnings) => beginnings.some((beginning) => text.startsWith(beginning));

  function trimmedEnd(text, letters) {
    let end = text.length;
    while (end && letters.includes(text[end - 1])) end -= 1;
    return text.slice(0, end);
  }

  function trimmedStart(text, letters) {
    let start = 0;
    while (start < text.length && letters.includes(text[start])) start += 1;
    return text.slice(start);
  }

  /** Find the typed signs of a text, each with the first line that shows it. */
  function findSigns(lines) {
    const found = new Map();
    const isCode = codeAlone(lines) !== "";
    lines.forEach((line, at) => {
      for (const [kind, value] of isCode ? codeSigns(line) : signsIn(line)) {
        const text = `${kind} ${value}`;
        if (!found.has(text)) found.set(text, { kind, value, text, line: at + 1 });
      }
    });
    return [...found.values()];
  }

  /** Return the SQLSTATE that is the whole text, or an empty text. */
  function codeAlone(lines) {
    const length = lines.reduce((sum, line) => sum + [...line].length, 0);
    if (length > table("signs", "MAX_CODE_TEXT")) return "";
    const words = textWords(lines.join(" "));
    const code = words.pop() ?? "";
    const labels = table("signs", "CODE_LABELS");
    const isCode = /^[0-9A-Z]{5}$/.test(code) && CLASSES.has(code.slice(0, 2));
    return isCode && words.every((word) => labels.includes(word.toLowerCase())) ? code : "";
  }

  const textWords = (text) => [...text.matchAll(pattern("signs", "TEXT_WORD", "g"))].map((match) => match[0]);

  function* codeSigns(line) {
    for (const code of textWords(line).slice(-1)) {
      yield ["sqlstate", code];
      yield ["code", code];
    }
  }

  /** Return the SQLSTATE of a driver's exception class, or an empty text. */
  function sqlstateOf(exception) {
    const dot = exception.lastIndexOf(".");
    const path = exception.slice(0, Math.max(0, dot));
    if (path && !startsWith(exception, table("sign_names", "DRIVERS"))) return "";
    let name = exception.slice(dot + 1);
    if (path) name = ASYNCPG.get(name) ?? name;
    return SQLSTATES.get(name) || (path && SQLSTATES.get(name.replace(/Error$/, ""))) || "";
  }

  function* signsIn(line) {
    const source = startsWith(stripPrefix(line).trimStart(), table("signs", "SOURCE_STARTS"));
    for (const match of line.matchAll(pattern("signs", "WORD", "g"))) {
      const word = match[0].replace(/\.+$/, "");
      if (isDigits(word[0])) {
        yield* numberSigns(word, line, match.index);
      } else if (word !== word.toLowerCase() || !/[a-z]/.test(word)) {
        if (!source && !endsWith(before(line, match.index), table("signs", "DESCRIBES"))) yield* nameSigns(word);
        if (word.length === LENGTH) yield* sqlstateSigns(word, line, match.index);
      } else if (word.includes("_") && endsWith(before(line, match.index), table("signs", "TYPE_LABELS"))) {
        yield ["error_type", word];
      }
    }
    const lower = line.toLowerCase();
    for (const [text, errno] of ERRNO_TEXTS) if (lower.includes(text)) yield ["errno", errno];
    const failed = table("signs", "VERIFY_FAILED");
    if (line.includes(failed)) {
      const reason = line.slice(line.indexOf(failed) + failed.length);
      for (const [text, code] of VERIFY_CODES) if (reason.startsWith(text)) yield ["verify_code", code];
    }
  }

  function before(line, at) {
    return line.slice(Math.max(0, at - table("signs", "BEFORE")), at).replace(/[ \\"'=:([]+$/, "").toLowerCase();
  }

  function* nameSigns(word) {
    const last = word.slice(word.lastIndexOf(".") + 1);
    if (ERRNO_NAMES.has(word)) {
      yield ["errno", word];
    } else if (/^[A-Z]/.test(last) && !isUpper(last) && (word.includes(".") || isException(last))) {
      yield ["exception", word];
      const code = sqlstateOf(word);
      if (code) yield ["sqlstate", code];
    }
  }

  const isBare = (word) => table("signs", "BARE").includes(word);
  const isException = (word) => SQLSTATES.has(word) || (endsWith(word, ["Error", "Exception"]) && !isBare(word));

  function* numberSigns(word, line, at) {
    if (word.length === LENGTH) yield* sqlstateSigns(word, line, at);
    if (!isDigits(word) || word.length > LENGTH) return;
    const preceding = before(line, at);
    const named = trimmedEnd(preceding, table("signs", "ERRNO_SEPARATORS"));
    if (ERRNO_NUMBERS.has(word) && endsWith(named, ["errno", "error", "winerror"])) {
      yield ["errno", ERRNO_NUMBERS.get(word)];
    } else if (endsWith(preceding, ["verify return code", "verify error:num", "verify_code"])) {
      yield ["verify_code", word];
    } else if (word.length === 3 && "45".includes(word[0]) && isStatus(line, at, preceding)) {
      yield ["http_status", word];
    }
  }

  function isStatus(line, at, preceding) {
    const following = line.slice(at + 3, at + 3 + table("signs", "AFTER"));
    const after = trimmedStart(following, table("signs", "SEPARATORS")).toLowerCase();
    return startsWith(after, table("signs", "REASONS")) || endsWith(preceding, table("signs", "STATUS_LABELS"));
  }

  function* sqlstateSigns(word, line, at) {
    if (!CLASSES.has(word.slice(0, 2)) || !/^[A-Z0-9]+$/.test(word)) return;
    const preceding = before(line, at);
    const after = line.slice(at + LENGTH, at + LENGTH + 1);
    const previous = line.slice(Math.max(0, at - 1), at);
    const lettered = !isDigits(word);
    const named = endsWith(preceding, ["sqlstate", "sql state", "pgcode", "sql_state"]);
    const known = lettered || ["'", '"'].includes(previous) || table("signs", "PLAIN_CODES").includes(word);
    const coded = known && endsWith(preceding, ["code", "errcode", "'c"]);
    const verbose = [":", ",", ""].includes(after) && endsWith(preceding.replace(/,+$/, ""), ["error", "fatal", "panic"]);
    const bracketed = lettered && previous === "[" && after === "]";
    if (named || coded || verbose || bracketed) yield ["sqlstate", word];
  }

  Object.assign(clearpay, { findSigns, startsWith });
})();
