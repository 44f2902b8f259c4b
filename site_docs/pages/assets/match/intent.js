// kb/matching/intent.py: tells an incident report from a proposal or a question.
"use strict";
(() => {
  const { matchAt, mentions, pattern, table, startsWith } = clearpay;

  /** Return true if a text proposes, documents or announces a change, or asks without naming a failure. */
  function isProposal(parsed, index) {
    const { lower } = parsed.folded;
    if (matchAt(pattern("intent", "COMMIT_PREFIX"), lower, 0) || mentions(lower, index.proposal_phrases)) return true;
    const first = matchAt(pattern("intent", "FIRST_WORD"), lower, 0)?.[1];
    if (first && index.change_verbs.includes(first)) return true;
    const isQuestion = index.question_words.includes(first)
      || index.question_words.some((phrase) => phrase.includes(" ") && lower.includes(phrase));
    return isQuestion && !hasAny(parsed.tokens, index.incident_words);
  }

  /** Return true if a text has a word that reports of failures have. */
  const hasFailureWords = (parsed, index) => hasAny(parsed.tokens, index.failure_words);

  function hasAny(tokens, words) {
    const prefixes = words.filter((word) => word.length > table("intent", "MAX_WHOLE_WORD"));
    return [...tokens].some((word) => words.includes(word) || startsWith(word, prefixes));
  }

  Object.assign(clearpay, { isProposal, hasFailureWords });
})();
