// kb/matching/line_context.py and kb/matching/signals.py: the signals in a text that speak for an entry.
"use strict";
(() => {
  const { contextOf, find, lineAt, near, mentions, pattern, table, mapping } = clearpay;
  const EMPTY_LAYER = { own: [], words: [], others: [], foreign: [] };
  const constant = (name) => table("signals", name);

  const layerOf = (index, layer) => (Object.hasOwn(index.layers, layer) ? index.layers[layer] : EMPTY_LAYER);
  const owned = (owners, key) => (Object.hasOwn(owners, key) ? owners[key] : null);

  function namesLayer(parsed, index, layer) {
    const terms = layerOf(index, layer);
    return [...terms.own, ...terms.words].some((word) => parsed.tokens.has(word) || parsed.nameParts.has(word));
  }

  /** Return true if a line's context has one of the layer's words; each context is searched once. */
  function contextMentions(parsed, index, layer, kind, line) {
    const key = `${contextOf(parsed, line)} ${layer} ${kind}`;
    if (!parsed.mentioned.has(key)) {
      const text = near(parsed, line);
      const counted = table("line_context", "OTHERS").includes(kind) ? clearpay.withoutPlaces(text) : text;
      parsed.mentioned.set(key, mentions(counted, layerOf(index, layer)[kind]));
    }
    return parsed.mentioned.get(key);
  }

  function isOfAnotherSystem(parsed, index, layer, line) {
    const names = (kind) => contextMentions(parsed, index, layer, kind, line);
    return names("foreign") && !names("own");
  }

  /** Weigh a signal that other systems show too. */
  function weakStrength(parsed, index, layer, line, alone) {
    const names = (kind) => contextMentions(parsed, index, layer, kind, line);
    const here = table("line_context", "IN_CONTEXT");
    if (names("own")) return here;
    if (names("others")) return 0;
    if (names("words")) return here;
    const short = parsed.filled <= table("line_context", "MAX_STANDALONE_LINES");
    return alone && short ? table("line_context", "STANDALONE") : 0;
  }

  /** Weigh a message that is evidence by itself, unless the text names another system, container or unit. */
  function aloneStrength(parsed, index, layer, line) {
    const other = contextMentions(parsed, index, layer, "others", line) || pattern("line_context", "NAME").test(near(parsed, line));
    return other ? 0 : table("line_context", "STANDALONE");
  }

  /** Return true if a record has a message that follows from an earlier error or from a request. */
  const hasConsequence = (parsed, index) => index.consequences.some((phrase) => parsed.folded.lower.includes(phrase));

  /** Weigh plain words: fully in a text about this layer, not at all in a text about another system. */
  function topicWeight(parsed, index, layer) {
    const terms = layerOf(index, layer);
    if (mentions(parsed.naming, terms.own)) return 1;
    if (mentions(parsed.naming, terms.others)) return 0;
    return mentions(parsed.naming, terms.words) ? 1 : table("line_context", "OTHER_TOPIC");
  }

  /** Return true if a lower-case text names another system; URLs do not count. */
  function namesSystem(text, index) {
    const plain = text.replace(pattern("line_context", "URL", "g"), " ");
    return Object.values(index.systems).some((terms) => mentions(plain, terms));
  }

  /** Find the signals of a text, strong and weak. */
  function signalsOf(parsed, index, templates) {
    const signals = parsed.signs.flatMap((sign) => [...signSignals(parsed, index, sign)]);
    for (const template of templates) {
      const hit = find(template.parts, template.holes, parsed.folded);
      if (hit) signals.push(...templateSignals(parsed, index, template, hit));
    }
    return signals;
  }

  function* signSignals(parsed, index, sign) {
    const words = mapping("signals", "KIND_WORDS");
    const why = `${words.get(sign.kind) ?? sign.kind} ${sign.value}`;
    const owners = ownersOf(sign, index);
    for (const entry of owners) {
      const { layer } = index.entries[entry];
      if (isWeak(sign, entry, index)) {
        const strength = weakStrength(parsed, index, layer, sign.line, isBuiltin(sign));
        const isState = sign.kind === "sqlstate";
        if (strength && !(isState && hasConsequence(parsed, index))) {
          yield signal(entry, isState ? "template" : "weak", strength, sign.line, why);
        }
      } else if (!isOfAnotherSystem(parsed, index, layer, sign.line)) {
        yield signal(entry, sign.kind, constant("SIGN_STRENGTH") * sharedFactor(owners), sign.line, why, sign.text);
      }
    }
  }

  const signal = (entry, kind, strength, line, why, sign = "", holes = {}) => ({
    entry, kind, strength, line, why, sign, holes,
  });

  const isBuiltin = (sign) => sign.kind === "exception" && !sign.value.includes(".");

  function ownersOf(sign, index) {
    const exact = owned(index.signs, sign.text);
    if (exact) return exact;
    if (sign.kind === "errno") {
      const named = mapping("sign_names", "ERRNO_CLASSES").get(sign.value) ?? "";
      return owned(index.names, named.toLowerCase()) ?? [];
    }
    if (sign.kind !== "exception") return [];
    const name = sign.value.slice(sign.value.lastIndexOf(".") + 1);
    return owned(index.signs, `exception ${name}`) ?? named(name.toLowerCase(), index);
  }

  /** Find the entries named like a class; none if several entries and many other systems have that name. */
  function named(name, index) {
    const owners = owned(index.names, name) ?? [];
    return owners.length > 1 && index.weak.includes(name) ? [] : owners;
  }

  function isWeak(sign, entry, index) {
    if (constant("WEAK_KINDS").includes(sign.kind) || index.consequences.includes(sign.text)) return true;
    const value = sign.value.toLowerCase();
    const dot = value.lastIndexOf(".");
    const modules = owned(index.modules, value.slice(0, Math.max(0, dot))) ?? [];
    return index.weak.includes(value.slice(dot + 1)) && !modules.includes(entry);
  }

  function* templateSignals(parsed, index, template, hit) {
    const line = lineAt(parsed.folded, hit.start);
    const quoted = parsed.folded.shown.slice(hit.start, hit.end).trim();
    const limit = constant("MAX_QUOTE");
    const why = `says "${quoted.length <= limit ? quoted : `${quoted.slice(0, limit - 1)}…`}"`;
    const short = template.letters < constant("SHORT_TEMPLATE");
    const follows = index.consequences.some((phrase) => quoted.toLowerCase().includes(phrase));
    for (const entry of template.owners) {
      const { layer, named } = index.entries[entry];
      if (isOfAnotherSystem(parsed, index, layer, line)) continue;
      if (follows || (short && !namesLayer(parsed, index, layer))) {
        let strength = weakStrength(parsed, index, layer, line, false);
        if (!strength && template.alone) strength = aloneStrength(parsed, index, layer, line);
        if (strength) yield signal(entry, "weak", strength, line, why, "", hit.holes);
      } else {
        const strength = templateStrength(template) * (named ? constant("NAMED_FACTOR") : 1);
        const kind = template.owners.length === 1 ? "template" : "shared";
        yield signal(entry, kind, strength, line, why, template.text, hit.holes);
      }
    }
  }

  function templateStrength(template) {
    const length = Math.min(1, template.letters / constant("FULL_LENGTH"));
    return (constant("TEMPLATE_BASE") + constant("TEMPLATE_LENGTH_BONUS") * length) * sharedFactor(template.owners);
  }

  const sharedFactor = (owners) => (owners.length === 1 ? 1 : constant("SHARED_FACTOR"));

  Object.assign(clearpay, { signalsOf, topicWeight, namesSystem });
})();
