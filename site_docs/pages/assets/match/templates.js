// kb/text/log_prefixes.py and kb/matching/templates.py: finds templates, literal words in order with holes between them.
"use strict";
(() => {
  const { pattern, matchAt, table, mapping, isLetterOrDigit } = clearpay;

  /** Return a line without the prefix of its logger. */
  function stripPrefix(line) {
    const prefix = matchAt(pattern("log_prefixes", "PREFIX"), line, 0);
    return prefix ? line.slice(prefix[0].length) : line;
  }

  const singleSpaced = (line) => line.split(" ").filter(Boolean).join(" ");

  /** Fold a text for templates: as shown, in lower case, and the start of each line. */
  function fold(text) {
    const straightened = mapping("templates", "PLAIN_CHARACTERS");
    let straight = Array.from(text, (letter) => straightened.get(letter) ?? letter).join("");
    straight = straight.replaceAll("\u0130", "I");
    for (const [escaped, plain] of table("templates", "ESCAPED")) straight = straight.replaceAll(escaped, plain);
    const lines = straight.split("\n").map((line) => singleSpaced(stripPrefix(line)));
    const starts = [];
    let at = 0;
    for (const line of lines) {
      starts.push(at);
      at += line.length + 1;
    }
    const shown = lines.join(" ");
    return { shown, lower: shown.toLowerCase(), starts };
  }

  /** Return the number of the line at a position, counted from 1. */
  function lineAt(text, position) {
    let low = 0;
    let high = text.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (text.starts[middle] <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Return true if a position is in a source line that a traceback quotes; its exception stands below. */
  function isSource(text, position) {
    return text.shown.startsWith(table("templates", "RAISE"), text.starts[lineAt(text, position) - 1]);
  }

  /** Find the first place where the parts follow each other with short holes; in quoted code only if nowhere else. */
  function find(parts, names, text) {
    let inCode = null;
    for (const found of hits(parts, names, text)) {
      if (!isSource(text, found.start)) return found;
      inCode ??= found;
    }
    return inCode;
  }

  function* hits(parts, names, text) {
    const first = parts.findIndex((part) => part.trim());
    if (first < 0) return;
    for (let at = text.lower.indexOf(parts[first]); at >= 0; at = text.lower.indexOf(parts[first], at + 1)) {
      const places = findPlaces(parts, first, at, text);
      if (places) yield hit(parts, names, first, places, text);
    }
  }

  function findPlaces(parts, first, at, text) {
    const places = [at];
    let position = at + parts[first].length;
    if (!isWhole(text.lower, at, position, parts, first)) return null;
    for (let number = first + 1; number < parts.length; number += 1) {
      const place = nextPlace(parts, number, position, text);
      if (place < 0) return null;
      places.push(place);
      position = place + parts[number].length;
    }
    return places;
  }

  function nextPlace(parts, number, position, text) {
    const part = parts[number];
    if (!part) return wordEnd(text, position);
    const room = text.lower.slice(position + 1, position + table("templates", "MAX_HOLE") + part.length);
    const found = room.indexOf(part);
    if (found < 0) return -1;
    const place = position + 1 + found;
    if (lineAt(text, place - 1) !== lineAt(text, position)) return -1;
    const last = number === parts.length - 1;
    return !last || endsWhole(text.lower, place + part.length, part) ? place : -1;
  }

  function isWhole(lower, start, end, parts, first) {
    const inWord = start > 0 && isLetterOrDigit(lower[start - 1]) && isLetterOrDigit(lower[start]);
    return (first > 0 || !inWord) && (first < parts.length - 1 || endsWhole(lower, end, parts[first]));
  }

  function endsWhole(lower, end, part) {
    return end >= lower.length || !(isLetterOrDigit(lower[end]) && isLetterOrDigit(part.slice(-1)));
  }

  /** Return the end of the word in a last hole: behind its quotes, or before the next space. */
  function wordEnd(text, position) {
    const limit = table("templates", "MAX_HOLE");
    const quoted = matchAt(pattern("templates", "QUOTED"), text.shown.slice(0, position + limit), position);
    if (quoted) return position + quoted[0].length;
    const space = text.shown.slice(0, position + limit).indexOf(" ", position + 1);
    const end = space < 0 ? Math.min(text.shown.length, position + limit) : space;
    return Math.max(position + 1, position + trimmedEnd(text.shown.slice(position, end)).length);
  }

  function trimmedEnd(text) {
    let end = text.length;
    while (end > 0 && table("templates", "HOLE_PADDING").includes(text[end - 1])) end -= 1;
    return text.slice(0, end);
  }

  function trimmed(text) {
    let start = 0;
    while (start < text.length && table("templates", "HOLE_PADDING").includes(text[start])) start += 1;
    return trimmedEnd(text.slice(start));
  }

  function hit(parts, names, first, places, text) {
    const holes = {};
    let start = places[0];
    if (first > 0) {
      const from = Math.max(0, places[0] - table("templates", "MAX_HOLE"));
      const space = places[0] ? text.lower.slice(from, places[0]).lastIndexOf(" ") : -1;
      start = space < 0 ? 0 : from + space;
      holes[names[0]] = holeText(text.shown.slice(start, places[0]));
    }
    const ends = places.map((place, at) => place + parts[first + at].length);
    names.slice(first).forEach((name, at) => {
      if (at + 1 < places.length) holes[name] ??= holeText(text.shown.slice(ends[at], places[at + 1]));
    });
    return { start, end: ends.at(-1), holes };
  }

  function holeText(text) {
    const quoted = matchAt(pattern("templates", "QUOTED"), text.trim(), 0);
    return trimmed(quoted ? quoted[2] : text);
  }

  Object.assign(clearpay, { stripPrefix, fold, lineAt, find });
})();
