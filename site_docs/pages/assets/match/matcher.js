// kb/matching/matcher.py, merging.py, results.py and wording/claims.py: ranks the entries that a text shows, record by record.
"use strict";
(() => {
  const { clean, parse, recordsOf, matchAt, pattern, table } = clearpay;
  const { signalsOf, wordSignals, namesSystem, isProposal, isPlan, likelihood } = clearpay;
  const constant = (name) => table("matcher", name);
  const compare = (a, b) => (a < b ? -1 : Number(a > b));
  const bestFirst = (matches) => matches.sort((a, b) => b.score - a.score || compare(a.entry, b.entry));

  /** Rank the entries that a text shows; none for an unrelated text. */
  function match(text, limit = 5) {
    return ranked(clean(text)).slice(0, limit);
  }

  function ranked(text) {
    const { index } = clearpay.knowledge;
    const records = recordsOf(text);
    const folded = parse(text).folded.lower;
    const templates = index.templates.filter(({ parts }) => folded.includes(parts.find((part) => part.trim()) ?? ""));
    const seen = new Map();
    const occurrences = [];
    records.forEach((record, number) => {
      if (!seen.has(record.text)) seen.set(record.text, recordMatches(record, index, templates));
      for (const [order, found] of seen.get(record.text)) {
        const line = found.line ? record.numbers[found.line - 1] : record.line;
        occurrences.push({ record, number, order, match: { ...found, line } });
      }
    });
    const reporting = records.filter(({ level }) => !constant("QUIET").includes(level));
    const loud = reporting.length ? reporting : records;
    if (occurrences.some(({ match: found }) => found.proves)) {
      const ordered = tiesBroken(merged(occurrences, index).map(mergedMatch), loud, index);
      return ordered.sort((a, b) => Number(b.proves) - Number(a.proves));
    }
    const whole = records.length > 1 ? wrapped(records, index, templates) : [];
    return whole.length ? whole : byWords(loud, index, templates);
  }

  /** Return what records prove together: a message that a terminal wrapped. */
  function wrapped(records, index, templates) {
    const text = records.map((record) => record.text).join("\n");
    if (parse(text).filled > constant("MAX_WRAPPED_LINES")) return [];
    const numbers = records.flatMap((record) => record.numbers);
    const found = recordMatches({ text, time: null }, index, templates).map(([, one]) => one);
    return found.filter((one) => one.proves).map((one) => ({ ...one, line: one.line ? numbers[one.line - 1] : 0 }));
  }

  /** Return the matches of one record, each with its order in the record; lines count from its first one. */
  function recordMatches(record, index, templates) {
    const parsed = parse(record.text);
    let signals = signalsOf(parsed, index, templates);
    if (!signals.length) return [];
    const proofs = signals.filter((signal) => signal.sign && isProof(signal, parsed, record, index));
    const proven = new Set(proofs.map((signal) => signal.entry));
    if (!proven.size) signals = signals.filter((signal) => !signal.sign);
    const groups = byEntry(signals).filter(([signal]) => !proven.size || proven.has(signal.entry));
    const matches = groups.map((group) => matchOf(group, parsed, index));
    const ordered = matches.map((found) => [parsed.order[Math.max(0, found.line - 1)], found]);
    return ordered.sort(([a, one], [b, other]) => a - b || other.score - one.score || compare(one.entry, other.entry));
  }

  function isProof(signal, parsed, record, index) {
    const sure = signal.strength > constant("SHORT_STRENGTH") || record.time !== null || parsed.filled > constant("MAX_PROSE_LINES");
    return sure || isPrinted(record.text) || !isProposal(parsed, index);
  }

  const isPrinted = (text) => clearpay.stripPrefix(text).length < text.length
    || matchAt(pattern("records", "BEGINS"), text, 0) !== null;

  /** Return the matches of a text in which nothing is proven: by weak signs and by words. */
  function byWords(loud, index, templates) {
    const numbers = loud.flatMap((record) => record.numbers);
    const whole = parse(loud.map(({ text }) => text).join("\n"));
    const found = claims(whole, index, templates, table("claims", "MIN_LIKELIHOOD"));
    if (found.length) return found.map((one) => placed(one, numbers));
    if (isProposal(whole, index)) return [];
    const best = new Map();
    for (const part of parts(loud, index)) {
      for (const one of claims(parse(part.text), index, templates, table("claims", "MIN_LIKELIHOOD_OF_PART"))) {
        if (!best.has(one.entry) || one.score > best.get(one.entry).score) best.set(one.entry, placed(one, part.numbers));
      }
    }
    return bestFirst([...best.values()]);
  }

  /** Return the parts of a text: the text without the lines that name another system or an address, and each record. */
  function parts(loud, index) {
    let lines = loud.flatMap(({ text, numbers }) => text.split("\n").map((line, at) => [line, numbers[at]]));
    if (lines.length > table("claims", "MAX_LINES")) lines = [];
    const kept = lines.filter(([line]) => !line.includes("@") && !namesSystem(clearpay.withoutPlaces(line.toLowerCase()), index));
    const several = loud.length > 1 ? loud.slice(0, table("claims", "MAX_PARTS")) : [];
    if (!kept.length || kept.length === lines.length) return several;
    return [{ text: kept.map(([line]) => line).join("\n"), numbers: kept.map(([, number]) => number) }, ...several];
  }

  /** Return the matches of a text by weak signs and by words, unless it reports no known error. */
  function claims(parsed, index, templates, minimum) {
    if (isProposal(parsed, index)) return [];
    const weak = signalsOf(parsed, index, templates).filter((signal) => !signal.sign);
    const matches = byEntry([...weak, ...wordSignals(parsed, index)]).map((group) => matchOf(group, parsed, index));
    const found = bestFirst(matches.filter(({ score }) => score >= table("claims", "MIN_SCORE")));
    return found.length && reports(parsed, found[0], index, minimum) ? found : [];
  }

  /** Return false if the model refuses a text, whose entry it has learned. */
  function reports(parsed, { entry, line, score }, index, minimum) {
    if (!clearpay.knowledge.model.entries.includes(entry)) return true;
    let least = minimum;
    if (line) least = table("claims", "MIN_LIKELIHOOD_WITH_SIGN");
    else if (parsed.isPrinted) least = Math.max(least, table("claims", "MIN_LIKELIHOOD_OF_LOG"));
    else if (score < table("claims", "LOW_SCORE")) least = Math.max(least, table("claims", "MIN_LIKELIHOOD_OF_LOW_SCORE"));
    if (isPlan(parsed, index)) least = Math.max(least, table("claims", "MIN_LIKELIHOOD_OF_PLAN"));
    return likelihood(parsed.unprefixed) >= least;
  }

  const placed = (found, numbers) => ({ ...found, line: found.line ? numbers[found.line - 1] : 0 });

  const empty = { signs: [], line: 0, holes: {}, proves: false, time: "", occurrences: 1, sources: [] };

  function byEntry(signals) {
    const groups = new Map();
    for (const signal of [...signals].sort((a, b) => b.strength - a.strength)) {
      if (!groups.has(signal.entry)) groups.set(signal.entry, []);
      groups.get(signal.entry).push(signal);
    }
    return [...groups.values()];
  }

  /** Build the match of one entry from its signals, the strongest first. */
  function matchOf(signals, parsed, index) {
    const entry = index.entries[signals[0].entry];
    const signs = [...new Set(signals.map((signal) => signal.sign).filter(Boolean))];
    const lines = signals.filter((signal) => signal.line && (signal.sign || !signs.length)).map((signal) => signal.line);
    return {
      ...empty,
      entry: entry.id,
      title: entry.title,
      score: rounded(1 - doubtOf(signals)),
      why: [...new Set(signals.map((signal) => signal.why))].slice(0, table("results", "MAX_REASONS")),
      signs,
      line: lines.reduce((best, line) => (parsed.order[line - 1] < parsed.order[best - 1] ? line : best), lines[0] ?? 0),
      holes: Object.assign({}, ...[...signals].reverse().map((signal) => signal.holes)),
      proves: signs.length > 0,
    };
  }

  /** Return one minus the certainty of signals, the strongest first; each kind of signal counts once. */
  function doubtOf(signals) {
    const strongest = new Map();
    for (const signal of signals) if (!strongest.has(signal.kind)) strongest.set(signal.kind, signal);
    const proves = signals.some((signal) => signal.sign);
    const [, ...further] = strongest.values();
    const factor = ({ strength }) => (proves ? table("results", "FURTHER_KIND") : 1 - strength);
    return further.reduce((doubt, signal) => doubt * factor(signal), 1 - signals[0].strength);
  }

  /** Round to three places, ties to even, as Python does. Only odd sixteenths can be ties. */
  function rounded(value) {
    const floor = Math.floor(value * 1000);
    return Math.abs(value * 16) % 2 === 1 ? (floor + (floor % 2)) / 1000 : Number(value.toFixed(3));
  }

  /** Return the match of one entry in several records: its first evidence, and how often it happened. */
  function mergedMatch(group) {
    const [first] = group;
    const all = (key) => [...new Set(group.flatMap(({ match: found }) => found[key]))];
    const signs = all("signs");
    return {
      ...first.match,
      score: Math.max(...group.map(({ match: found }) => found.score)),
      why: all("why").slice(0, table("results", "MAX_REASONS")),
      signs,
      holes: Object.assign({}, ...[...group].reverse().map(({ match: found }) => found.holes)),
      proves: signs.length > 0,
      time: first.record.time === null ? "" : new Date(first.record.time).toISOString(),
      occurrences: new Set(group.map(({ number }) => number)).size,
      sources: [...new Set(group.map(({ record }) => record.source).filter(Boolean))],
    };
  }

  /** Group occurrences by entry, each group and the groups themselves by time, the root first. */
  function merged(occurrences, index) {
    const times = timesOf(occurrences);
    const keyed = occurrences.map((one, at) => [times[at], one.number, one.order, at]);
    keyed.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
    const [start, end] = mainEpisode(keyed.map(([time]) => time));
    const groups = new Map();
    const first = new Map();
    for (const key of keyed) {
      const { entry } = occurrences[key[3]].match;
      const place = [Number(key[0] < start || key[0] > end), ...key];
      if (!groups.has(entry)) groups.set(entry, []);
      groups.get(entry).push(occurrences[key[3]]);
      if (!first.has(entry) || place[0] < first.get(entry)[0]) first.set(entry, place);
    }
    const ids = [...groups.keys()].sort((a, b) => comparePlaces(first.get(a), first.get(b)));
    return rootsFirst(ids, first, index).map((entry) => groups.get(entry));
  }

  const comparePlaces = (a, b) => a.map((value, at) => value - b[at]).find(Boolean) ?? 0;

  function timesOf(occurrences) {
    let last = 0;
    const times = occurrences.map(({ record }) => (last = record.time === null ? last : record.time / 1000));
    const known = times.find(Boolean) ?? 0;
    return times.map((time) => time || known);
  }

  function mainEpisode(times) {
    const episodes = [];
    for (const time of times) {
      const last = episodes.at(-1);
      if (last && time - last[2] <= table("merging", "MAX_GAP")) episodes.splice(-1, 1, [last[0] + 1, last[1], time]);
      else episodes.push([1, time, time]);
    }
    return episodes.reduce((best, one) => (one[0] > best[0] || (one[0] === best[0] && one[1] > best[1]) ? one : best)).slice(1);
  }

  function rootsFirst(ids, first, index) {
    const leads = new Map(index.entries.map((entry) => [entry.id, entry.leads_to]));
    const ordered = [];
    for (const entry of ids) {
      const time = first.get(entry)[1];
      const follows = (other) => leads.get(entry).includes(other) && time && time - first.get(other)[1] <= table("merging", "MAX_LEAD");
      const at = ordered.findIndex(follows);
      ordered.splice(at < 0 ? ordered.length : at, 0, entry);
    }
    return ordered;
  }

  function tiesBroken(matches, loud, index) {
    if (new Set(matches.map(({ line }) => line)).size === matches.length) return matches;
    const words = wordSignals(parse(loud.map(({ text }) => text).join("\n")), index);
    const scores = new Map(words.map(({ entry, strength }) => [entry, strength]));
    const top = Math.max(0, ...scores.values()) || 1;
    const ids = new Map(index.entries.map(({ id }, number) => [id, number]));
    const first = new Map([...matches.entries()].reverse().map(([position, { line }]) => [line, position]));
    const others = (found) => matches.filter((other) => other !== found).flatMap(({ signs }) => signs);
    const own = (found) => found.signs.some((sign) => clearpay.startsWith(sign, constant("KINDS")) && !others(found).includes(sign));
    const ofWords = (found) => (constant("WORDS_IN_TIE") * (scores.get(ids.get(found.entry)) ?? 0)) / top;
    const key = (found) => rounded(found.score + ofWords(found) + constant("OWN_SIGN_IN_TIE") * Number(own(found)));
    return [...matches].sort((a, b) => first.get(a.line) - first.get(b.line) || key(b) - key(a) || compare(a.entry, b.entry));
  }

  Object.assign(clearpay, { match });
})();
