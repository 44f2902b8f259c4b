// The theme requests the search index with every page. This holds its request back until the search is used.
"use strict";
(() => {
  const { open, send } = XMLHttpRequest.prototype;
  const used = new Promise((resolve) => {
    document.addEventListener("focusin", ({ target }) => target.matches(".md-search__input") && resolve());
    document.addEventListener("change", ({ target }) => target.id === "__search" && resolve());
  });
  Object.assign(XMLHttpRequest.prototype, {
    open(method, url, ...others) {
      this.held = String(url).endsWith("/search/search_index.json");
      open.call(this, method, url, ...others);
    },
    send(body) {
      if (this.held) used.then(() => send.call(this, body));
      else send.call(this, body);
    },
  });
})();
