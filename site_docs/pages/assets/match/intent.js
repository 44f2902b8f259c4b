// kb/matching/wording/intent.py: tells an incident report from a proposal or a question.
"use strict";
(() => {
  const { matchAt, pattern, table, startsWith } = clearpay;

  /** Return true for a commit, a phrase of proposals, or a question that names no failure. */
  function isProposal(parsed, index) {
    const { lower } = parsed.folded;
    if (matchAt(pattern("intent", "COMMIT_PREFIX"), lower, 0)) return true;
    const words = ` ${(lower.match(pattern("intent", "TOKEN", "g")) ?? []).join(" ")} `;
    const says = (phrase) => words.includes(` ${phrase} `);
    if (index.proposal_phrases.some(says)) return true;
    const first = firstWord(lower);
    const isQuestion = index.question_words.includes(first)
      || index.question_words.some((phrase) => phrase.includes(" ") && says(phrase));
    return isQuestion && !hasAny(parsed.tokens, index.incident_words);
  }

  /** Return true if a text begins with a verb of changes or a statement of SQL, as reports seldom do. */
  const isPlan = (parsed, index) => index.change_verbs.includes(firstWord(parsed.folded.lower))
    || matchAt(pattern("intent", "STATEMENT"), parsed.folded.lower, 0) !== null;

  const firstWord = (lower) => matchAt(pattern("intent", "FIRST_WORD"), lower, 0)?.[1];

  /** Return true if a text has a word that reports of failures have. */
  const hasFailureWords = (parsed, index) => hasAny(parsed.tokens, index.failure_words);

  function hasAny(tokens, words) {
    const prefixes = words.filter((word) => word.length > table("intent", "MAX_WHOLE_WORD"));
    return [...tokens].some((word) => words.includes(word) || startsWith(word, prefixes));
  }

  Object.assign(clearpay, { isProposal, isPlan, hasFailureWords });
})();
