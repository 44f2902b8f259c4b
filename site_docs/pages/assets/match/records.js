// kb/text/times.py, levels.py, envelopes.py and records.py: splits a text into what one program printed at once.
"use strict";
(() => {
  const { pattern, matchAt, table, mapping, stripPrefix } = clearpay;
  const time = (name) => table("times", name);
  const search = (module, name, text) => pattern(module, name).exec(text);
  const matches = (name, text) => matchAt(pattern("records", name), text, 0);
  const letters = (text) => /^\p{L}+$/u.test(text);

  /** Return the time stamp in the lead of a line: milliseconds (null without a date) and its start; or null. */
  function findStamp(line) {
    const head = Array.from(line.slice(0, 2 * time("MAX_LEAD"))).slice(0, time("MAX_LEAD")).join("");
    const epoch = matchAt(pattern("times", "EPOCH"), head, 0);
    if (epoch) return { time: Number(`${epoch[1]}${(epoch[2] ?? epoch[3] ?? "").padEnd(3, "0").slice(0, 3)}`) };
    const clock = search("times", "CLOCK", head);
    if (!clock) return null;
    const [date, start] = dateBefore(head.slice(0, clock.index), clock);
    if (!isLead(head.slice(0, start))) return null;
    return { time: date ? timeOf(date, clock) : null };
  }

  function dateBefore(before, clock) {
    let found = search("times", "YEAR_FIRST", before);
    if (found) return [[Number(found[1]), Number(found[3] || found[5]), Number(found[4] || found[6])], found.index];
    found = search("times", "DAY_NAME_YEAR", before);
    if (found && monthOf(found[2])) return [[fullYear(Number(found[3])), monthOf(found[2]), Number(found[1])], found.index];
    found = search("times", "NAME_DAY", before);
    if (found && monthOf(found[1])) {
      return [[Number(found[3] || clock[7] || 0), monthOf(found[1]), Number(found[2])], found.index];
    }
    found = search("times", "KLOG", before);
    if (found) return [[0, Number(found[1]), Number(found[2])], found.index];
    found = search("times", "NUMBERS", before);
    if (found) return [numericDate(Number(found[1]), found[2], Number(found[3]), Number(found[4])), found.index];
    found = search("times", "SIX_DIGITS", before);
    if (found) return [[fullYear(Number(found[1])), Number(found[2]), Number(found[3])], found.index];
    return [null, clock.index];
  }

  const thisYear = () => new Date().getUTCFullYear();
  const monthOf = (name) => time("MONTHS").indexOf(name.toLowerCase()) + 1;

  function numericDate(first, separator, second, third) {
    const near = Math.abs(fullYear(first) - thisYear()) <= time("NEAR_YEARS");
    if (third < time("CENTURY") && near && second <= time("HALF_DAY")) return [fullYear(first), second, third];
    const year = fullYear(third);
    return separator === "." || first > time("HALF_DAY") ? [year, second, first] : [year, first, second];
  }

  function fullYear(year) {
    if (year >= time("CENTURY")) return year;
    const full = thisYear() - (thisYear() % time("CENTURY")) + year;
    return full <= thisYear() + 1 ? full : full - time("CENTURY");
  }

  function timeOf([year, month, day], clock) {
    let hour = Number(clock[1]);
    if (clock[5]) hour = (hour % time("HALF_DAY")) + ("Pp".includes(clock[5]) ? time("HALF_DAY") : 0);
    const offset = zoneOf(clock[6] ?? "");
    if ((year && (year < time("MIN_YEAR") || year > time("MAX_YEAR"))) || Math.abs(offset) >= 1440) return null;
    const parts = [year || thisYear(), month, day, hour, Number(clock[2]), Number(clock[3] ?? 0)];
    const milliseconds = Number((clock[4] ?? "0").padEnd(3, "0").slice(0, 3));
    const made = dateOf(parts, milliseconds, offset);
    return !year && made > Date.now() + 86_400_000 ? dateOf([parts[0] - 1, ...parts.slice(1)], milliseconds, offset) : made;
  }

  /** Return the milliseconds of a date; null if there is no such day or time. */
  function dateOf([year, month, day, hour, minute, second], milliseconds, offset) {
    const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
    const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && day > 0;
    return real && hour < 24 && minute < 60 && second < 60 ? date.getTime() - offset * 60_000 : null;
  }

  function zoneOf(name) {
    if (/^[+-]/.test(name)) {
      const digits = name.slice(1).replaceAll(":", "");
      const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || 0);
      return name[0] === "+" ? minutes : -minutes;
    }
    return mapping("times", "ZONES").get(name) ?? 0;
  }

  function isLead(before) {
    const words = before.match(pattern("times", "LEAD_WORD", "g")) ?? [];
    if (words.length > time("MAX_LEAD_WORDS")) return false;
    if (/[[|\]]$/.test(before.trimEnd())) return true;
    return !words.some((word) => letters(word) && !clearpay.whole("times", "LEVEL_WORD").test(word.toLowerCase()));
  }

  const NAMES = mapping("levels", "NAMES");

  function levelIn(line) {
    const found = search("levels", "WORD", line.slice(0, table("levels", "MAX_LEAD")));
    const text = found?.slice(1).find(Boolean) ?? "";
    return mapping("levels", "LETTERS").get(text) ?? NAMES.get(text.trim().toLowerCase()) ?? "";
  }

  function unwrapped(line) {
    let result = { text: line, time: null, level: "", source: "", isPart: false };
    for (let depth = 0; depth < table("envelopes", "MAX_DEPTH"); depth += 1) {
      const cri = matchAt(pattern("envelopes", "CRI"), result.text, 0);
      const container = cri ? null : matchAt(pattern("envelopes", "CONTAINER"), result.text, 0);
      if (cri) {
        const stamp = findStamp(cri[1])?.time ?? null;
        result = { ...result, text: result.text.slice(cri[0].length), time: stamp ?? result.time, isPart: cri[2] === "P" };
      } else if (container) {
        result = { ...result, text: result.text.slice(container[0].length), source: container[1] ?? container[2] };
      } else break;
    }
    return result;
  }

  const nested = (value, path) => path.reduce((inner, key) => (inner?.constructor === Object ? inner[key] : undefined), value);

  function firstOf(value, keys) {
    for (const key of keys) {
      let found = Object.hasOwn(value, key) ? value[key] : null;
      if (found === null && key.includes(".")) found = nested(value, key.split(".")) ?? null;
      if (found !== null && found !== "" && typeof found !== "object") return found;
    }
    return null;
  }

  /** Return the time, level and source that a JSON object over several lines names. */
  function structured(text) {
    if (!clearpay.jsonObject(text)) return {};
    const value = JSON.parse(text);
    const [level, source, time] = ["LEVEL_KEYS", "SOURCE_KEYS", "TIME_KEYS"].map((name) => firstOf(value, table("envelopes", name)));
    const named = typeof level === "number" ? mapping("levels", "BUNYAN").get(String(level)) : NAMES.get(String(level).trim().toLowerCase());
    const priority = String(value.PRIORITY ?? "");
    return {
      time: jsonTime(time),
      level: named || (/^[0-7]$/.test(priority) ? table("levels", "SYSLOG")[Number(priority)] : ""),
      source: typeof source === "string" ? source.slice(0, 120).replaceAll("\n", " ") : "",
    };
  }

  function jsonTime(value) {
    const text = ["string", "number"].includes(typeof value) ? String(value).slice(0, 120) : "";
    const number = clearpay.whole("envelopes", "NUMBER").exec(text);
    if (!number) return findStamp(text)?.time ?? null;
    const scale = mapping("envelopes", "SCALES").get(String(number[1].length));
    return scale ? Math.floor(Math.round((Number(text) / scale) * 1e6) / 1e3) : null;
  }

  /** Split a cleaned text into records, in the order of their first lines. */
  function recordsOf(text) {
    const records = [];
    const open = new Map();
    const limit = table("records", "MAX_CHARS");
    let last = "";
    let number = 0;

    function close(key) {
      const record = open.get(key);
      const whole = record.lines.join("\n");
      const head = record.isJson ? structured(whole) : {};
      open.delete(key);
      const { time, level, source, numbers } = record;
      const named = { time: head.time ?? time, level: head.level || level, source: head.source || source };
      records.push({ ...named, text: whole, line: numbers[0], numbers });
    }

    function keyOf(line, prefix) {
      const process = search("records", "PROCESS", prefix);
      if (process) return `${line.source} ${process[0]}`;
      if (line.source || prefix.trim()) return line.source;
      return open.has(last) ? last : "";
    }

    function blank(source) {
      const key = source || last;
      const record = open.get(key);
      if (!record) return;
      record.gap += 1;
      if (record.gap > table("records", "MAX_GAP")) close(key);
    }

    function begin(line, key, message) {
      const stamp = findStamp(line.text);
      const process = search("records", "PROCESS", line.text.slice(0, line.text.length - message.length));
      const level = line.level || levelIn(line.text);
      const stamped = stamp !== null || message.length < line.text.length;
      const printed = stamped || matches("BEGINS", line.text) !== null;
      if (open.size >= table("records", "MAX_OPEN")) close(open.keys().next().value);
      open.set(key, {
        time: stamp?.time ?? line.time,
        level,
        source: line.source || (process ? process[1] : ""),
        lines: [line.text],
        numbers: [number],
        stamped,
        printed,
        quiet: table("records", "QUIET").includes(level),
        mayFail: printed && !table("records", "QUIET").includes(level),
        isJson: line.text.trimStart().startsWith("{"),
        inFrames: matches("TRACEBACK", stripPrefix(line.text)) !== null,
        gap: 0,
        size: line.text.length,
        isPart: line.isPart,
      });
    }

    function feed(line) {
      line.text = line.text.slice(0, limit);
      const message = stripPrefix(line.text);
      const prefixed = message.length < line.text.length;
      const key = keyOf(line, line.text.slice(0, line.text.length - message.length));
      const record = open.get(key);
      last = key;
      if (record?.isPart) {
        record.lines[record.lines.length - 1] += line.text;
        record.isPart = line.isPart;
      } else if (record && record.size + line.text.length <= limit && continues(record, message, prefixed)) {
        for (let gap = 0; gap < record.gap; gap += 1) record.lines.push("");
        record.lines.push(line.text);
        for (let gap = 0; gap <= record.gap; gap += 1) record.numbers.push(number);
        record.gap = 0;
        record.size += line.text.length + 1;
        record.inFrames = matches("TRACEBACK", message) !== null || matches("AWAITING", message) !== null
          || (record.inFrames && /^[ \t]/.test(message));
      } else {
        if (record) close(key);
        begin(line, key, message);
      }
      if (open.has(key) && open.get(key).size >= limit) close(key);
    }

    for (const raw of text.split("\n")) {
      number += 1;
      const line = unwrapped(raw.replace(/[\r\n]+$/, ""));
      if (!line.text.trim() || matches("FENCE", line.text)) blank(line.source);
      else feed(line);
    }
    for (const key of [...open.keys()]) close(key);
    return records.sort((a, b) => a.line - b.line);
  }

  function continues(record, message, prefixed) {
    if (record.gap) return continuesBehindGap(record, message);
    const indents = [prefixed ? "  " : " ", "\t", " \t", "\u3000"];
    if (clearpay.startsWith(message, indents) || matches("CONTINUES", message.replace(/^ +/, ""))) {
      return !(record.quiet && matches("AWAITING", message));
    }
    if (prefixed || findStamp(message)) return record.inFrames && prefixed && !levelIn(message.slice(0, 12));
    if (record.inFrames || (matches("TRACEBACK", message) && record.mayFail)) return true;
    if (matches("BEGINS", message)) return false;
    return !record.printed || (!record.stamped && isWrapped(record.lines.at(-1), message));
  }

  function continuesBehindGap(record, message) {
    if (record.isJson && !clearpay.jsonObject(record.lines.join("\n"))) return /^[ \t}]/.test(message);
    const previous = record.lines.at(-1);
    if (matches("TRACEBACK", message)) {
      return previous.includes("exception") && matches("CHAIN", previous.replace(/^[ |]+/, "")) !== null;
    }
    return record.printed && Boolean(matches("CHAIN", message) || (matches("FRAME", message) && record.inFrames));
  }

  function isWrapped(previous, line) {
    const lower = line[0] && line[0] === line[0].toLowerCase() && line[0] !== line[0].toUpperCase();
    return previous.length >= table("records", "WRAP") && lower && !/[.!?]$/.test(previous.trimEnd());
  }

  Object.assign(clearpay, { recordsOf });
})();
