// kb/matching/line_context.py and kb/matching/signals.py: what in a text speaks for an entry.
"use strict";
(() => {
  const { find, lineAt, near, mentions, table, mapping } = clearpay;
  const NOBODY = { own: [], words: [], others: [], foreign: [] };
  const of = (name) => table("signals", name);

  const layerOf = (index, layer) => (Object.hasOwn(index.layers, layer) ? index.layers[layer] : NOBODY);
  const owned = (owners, key) => (Object.hasOwn(owners, key) ? owners[key] : null);

  function namesLayer(reading, index, layer) {
    const known = layerOf(index, layer);
    return [...known.own, ...known.words].some((word) => reading.tokens.has(word));
  }

  function ofAnotherSystem(reading, index, layer, line) {
    const around = near(reading, line);
    const known = layerOf(index, layer);
    return mentions(around, known.foreign) && !mentions(around, known.own);
  }

  /** What a clue weighs that other systems show too. */
  function weight(reading, index, layer, line, alone) {
    const around = near(reading, line);
    const known = layerOf(index, layer);
    const here = table("line_context", "HERE");
    if (mentions(around, known.own)) return here;
    if (mentions(around, known.others)) return 0;
    if (mentions(around, known.words)) return here;
    const short = reading.filled <= table("line_context", "ALONE_LINES");
    return alone && short ? table("line_context", "ALONE") : 0;
  }

  /** What plain words weigh: whole where the text is about a layer, nothing where about another system. */
  function closeness(reading, index, layer) {
    const { lower } = reading;
    const known = layerOf(index, layer);
    if (mentions(lower, known.own)) return 1;
    if (mentions(lower, known.others)) return 0;
    return mentions(lower, known.words) ? 1 : table("line_context", "ELSEWHERE");
  }

  /** The clues of a text, strong and weak. */
  function cluesOf(reading, index) {
    const clues = reading.signs.flatMap((sign) => [...fromSign(reading, index, sign)]);
    for (const template of index.templates) {
      const hit = find(template.parts, template.holes, reading.folded);
      if (hit) clues.push(...fromHit(reading, index, template, hit));
    }
    return clues;
  }

  function* fromSign(reading, index, sign) {
    const words = mapping("signals", "KIND_WORDS");
    const why = `${words.get(sign.kind) ?? sign.kind} ${sign.value}`;
    const owners = ownersOf(sign, index);
    for (const entry of owners) {
      const { layer } = index.entries[entry];
      if (isWeak(sign, entry, index)) {
        yield* weak(entry, weight(reading, index, layer, sign.line, isBuiltin(sign)), sign.line, why);
      } else if (!ofAnotherSystem(reading, index, layer, sign.line)) {
        yield clue(entry, sign.kind, of("SIGN") * share(owners), sign.line, why, sign.text);
      }
    }
  }

  const clue = (entry, kind, strength, line, why, sign = "", holes = {}) => ({
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

  /** The entries named like a class; none where several of ours and many other systems have it. */
  function named(name, index) {
    const owners = owned(index.names, name) ?? [];
    return owners.length > 1 && index.weak.includes(name) ? [] : owners;
  }

  function isWeak(sign, entry, index) {
    if (of("WEAK_KINDS").includes(sign.kind) || index.consequences.includes(sign.text)) return true;
    const value = sign.value.toLowerCase();
    const dot = value.lastIndexOf(".");
    const modules = owned(index.modules, value.slice(0, Math.max(0, dot))) ?? [];
    return index.weak.includes(value.slice(dot + 1)) && !modules.includes(entry);
  }

  function* weak(entry, strength, line, why, holes = {}) {
    if (strength) yield clue(entry, "weak", strength, line, why, "", holes);
  }

  function* fromHit(reading, index, template, hit) {
    const line = lineAt(reading.folded, hit.start);
    const said = reading.folded.shown.slice(hit.start, hit.end).trim();
    const most = of("QUOTE_MAX");
    const why = `says "${said.length <= most ? said : `${said.slice(0, most - 1)}…`}"`;
    const short = template.letters < of("SHORT_TEMPLATE");
    const follows = index.consequences.some((phrase) => said.toLowerCase().includes(phrase));
    for (const entry of template.owners) {
      const { layer, named } = index.entries[entry];
      if (ofAnotherSystem(reading, index, layer, line)) continue;
      if (follows || (short && !namesLayer(reading, index, layer))) {
        yield* weak(entry, weight(reading, index, layer, line, false), line, why, hit.holes);
      } else {
        const strength = templateStrength(template) * (named ? of("NAMED") : 1);
        const kind = template.owners.length === 1 ? "template" : "shared";
        yield clue(entry, kind, strength, line, why, template.text, hit.holes);
      }
    }
  }

  function templateStrength(template) {
    const length = Math.min(1, template.letters / of("LETTERS_ENOUGH"));
    return (of("TEMPLATE_LEAST") + of("TEMPLATE_SPAN") * length) * share(template.owners);
  }

  const share = (owners) => (owners.length === 1 ? 1 : of("SHARED"));

  Object.assign(clearpay, { cluesOf, closeness });
})();
