// Shows the pages that the site's own ranking finds above the results of the theme's search. Its data is loaded on first use.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector(".md-search__input");
  const result = document.querySelector("[data-md-component=search-result]");
  const config = document.getElementById("__config");
  if (!field || !result || !config) return;
  const base = new URL(`${JSON.parse(config.textContent).base}/`, location.href);
  const asFiles = Boolean(document.querySelector('.md-nav__link[href$=".html"]'));

  function element(name, attributes, ...children) {
    const created = Object.assign(document.createElement(name), attributes);
    created.append(...children);
    return created;
  }

  const load = (path) => new Promise((resolve, reject) => {
    document.head.append(element("script", { src: new URL(path, base), onload: resolve, onerror: reject }));
  });

  let loaded;

  /** Load the terms of all pages and, where the page has none, the matcher, in the order in which they need each other. */
  async function loadAll() {
    await load("assets/search/terms.js");
    for (const path of globalThis.clearpay.match ? [] : globalThis.clearpay.scripts) await load(path);
    await load("assets/search/find.js");
  }

  /** Return the address of a page, with folder-like or file-like addresses. */
  function address({ page, heading }) {
    const path = asFiles ? `${page.path}.html` : `${page.path}/`.replace(/(^|\/)index\/$/, "$1");
    return new URL(heading ? `${path}#${heading[0]}` : path, base);
  }

  /** Return one result with the theme's classes, so that its keys and its Enter reach it first. */
  function item(found, place) {
    const article = element("article", { className: "md-search-result__article md-typeset" },
      element("h1", {}, found.page.title));
    const id = found.page.kind ? [element("code", {}, found.page.path.replace("errors/", "")), " "] : [];
    const why = found.why[0] ?? found.heading?.[1] ?? "";
    if (id.length || why) article.append(element("p", {}, ...id, why));
    article.dataset.mdScore = 10_000 - place;
    const link = element("a", { href: address(found), className: "md-search-result__link", tabIndex: -1 }, article);
    return element("li", { className: "md-search-result__item" }, link);
  }

  const list = element("ol", { className: "md-search-result__list cp-found" });
  list.setAttribute("role", "presentation");
  result.lastElementChild.before(list);

  async function show() {
    loaded ??= loadAll();
    await loaded;
    const text = field.value.trim();
    list.replaceChildren(...(text ? clearpay.find(text).map(item) : []));
  }

  field.addEventListener("input", show);
  field.addEventListener("focus", show);
  field.form.addEventListener("reset", () => setTimeout(show));
});
