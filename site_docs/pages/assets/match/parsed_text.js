// kb/matching/parsed_text.py: a text prepared for matching.
"use strict";
(() => {
  const { stripPrefix, fold, findSigns, pattern, table } = clearpay;
  const TOKEN = /[a-z0-9_]+/g;

  /** Parse a cleaned text: lines, typed signs, words and the order of its lines in time. */
  function parse(text) {
    const lines = text.split("\n");
    const unprefixedLines = lines.map(stripPrefix);
    const folded = fold(text);
    const signs = findSigns(lines);
    const plain = unprefixedLines.join("\n");
    return {
      text,
      lines,
      unprefixed: plain,
      isPrinted: signs.some((sign) => sign.kind === "exception") || plain.length < text.length,
      naming: clearpay.withoutPlaces(text.toLowerCase()),
      folded,
      signs,
      tokens: new Set(folded.lower.match(TOKEN) ?? []),
      nameParts: new Set((folded.shown.match(pattern("parsed_text", "NAME_PART", "g")) ?? []).map((part) => part.toLowerCase())),
      order: orderOf(unprefixedLines),
      filled: lines.filter((line) => line.trim()).length,
      mentioned: new Map(),
    };
  }

  /** Return the lines around a line, or the whole of a short text, in lower case. */
  function near(parsed, line) {
    if (contextOf(parsed, line) === 0) return parsed.text.toLowerCase();
    const reach = table("parsed_text", "CONTEXT_LINES");
    return parsed.lines.slice(Math.max(0, line - 1 - reach), line + reach).join("\n").toLowerCase();
  }

  /** Return a number that lines with the same context share: that of the line, or 0 for the whole record. */
  function contextOf(parsed, line) {
    return parsed.filled <= table("parsed_text", "MAX_SHORT_LINES") ? 0 : line;
  }

  /** Return the place in time of each line: Java prints the root cause last, libpq one line per address. */
  function orderOf(lines) {
    const order = lines.map((_, number) => number);
    const reach = table("parsed_text", "CONTEXT_LINES");
    let head = 0;
    let depth = 0;
    let attempt = -reach;
    lines.forEach((line, number) => {
      if (line.includes(table("parsed_text", "CAUSED_BY"))) {
        depth += 1;
        order[number] = head - depth / 1000;
      } else if (!/^(?:at |\.\.\. )/.test(line.trimStart())) {
        head = number;
        depth = 0;
      }
      if (line.includes(table("parsed_text", "ATTEMPT"))) {
        if (number - attempt < reach && line.includes("FATAL:") && !lines.at(attempt).includes("FATAL:")) {
          order[number] = order.at(attempt) - 0.5;
        }
        attempt = number;
      }
    });
    return order;
  }

  Object.assign(clearpay, { parse, contextOf, near });
})();
