// Nothing of a refused category loads, and nothing of it is kept.
// Danger: a script that ran cannot be stopped. So what it may reach is looked at each time as well.
const hostsOf = (url) => {
  try {
    const host = new URL(url, document.baseURI).hostname;
    return names.filter((name) => RULES.categories[name].hosts.some((each) => host === each || host.endsWith("." + each)));
  } catch {
    return [];
  }
};
const needs = (element, url) =>
  [...(element.dataset.consent || "").split(/\s+/), ...hostsOf(url)].filter((name) => name && name !== "necessary" && !choices[name]);
const refuses = (url) => hostsOf(url).some((name) => !choices[name]);

const setAttribute = Element.prototype.setAttribute;
const LOADS = /^(SCRIPT|IFRAME|IMG)$/;
const waits = (element) => element.type === "text/plain";

// True where the address is held back; the element remembers it.
const hold = (element, url) => {
  if (!LOADS.test(element.nodeName)) return false;
  if (!needs(element, url).length) {
    element.removeAttribute("data-held");
    return false;
  }
  setAttribute.call(element, "data-held", url);
  if (element.isConnected) veil(element);
  return true;
};

for (const kind of [HTMLScriptElement, HTMLIFrameElement, HTMLImageElement]) {
  const src = Object.getOwnPropertyDescriptor(kind.prototype, "src");
  Object.defineProperty(kind.prototype, "src", {
    ...src,
    set(url) {
      if (waits(this) || !hold(this, url)) src.set.call(this, url);
    },
  });
}
Element.prototype.setAttribute = function (name, value) {
  if (!/^src$/i.test(name) || waits(this) || !hold(this, value)) setAttribute.call(this, name, value);
};

const fetched = window.fetch;
window.fetch = function (what) {
  return refuses((what && what.url) || what) ? Promise.reject(new TypeError("refused by the visitor")) : fetched.apply(this, arguments);
};
const beacon = navigator.sendBeacon;
navigator.sendBeacon = function (url) {
  return !refuses(url) && beacon.apply(navigator, arguments);
};
const opened = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, url, ...more) {
  opened.call(this, method, refuses(url) ? "about:blank" : url, ...(more.length ? more : [true]));
};

// What the page's own HTML names, as it is read.
const look = (element) => {
  if (!LOADS.test(element.nodeName)) return;
  const data = element.dataset;
  if (waits(element)) {
    if ("consent" in data && !queue.includes(element)) queue.push(element);
    return;
  }
  const src = element.getAttribute("src");
  const wanted = data.held || ("consent" in data && data.src);
  if (wanted && !needs(element, wanted).length) {
    element.removeAttribute("data-held");
    if (src !== wanted) setAttribute.call(element, "src", wanted);
  } else if (wanted) {
    if (src === wanted) drop(element);
    veil(element);
  } else if (src && needs(element, src).length) {
    setAttribute.call(element, "data-held", src);
    drop(element);
    veil(element);
  }
};
const drop = (element) => {
  if (element.nodeName !== "IFRAME") element.removeAttribute("src");
  else if (element.getAttribute("src") !== "about:blank") setAttribute.call(element, "src", "about:blank");
};
const lookAll = (node) => {
  for (const each of node.querySelectorAll("script,iframe,img")) look(each);
};
new MutationObserver((records) => {
  for (const record of records) {
    for (const node of record.addedNodes) {
      if (node.nodeType === 1) {
        look(node);
        lookAll(node);
      }
    }
  }
  run();
}).observe(document, { childList: true, subtree: true });

// Tagged scripts, one after the other as the page has them; the whole page is read by then.
let queue = [];
let busy = true;
const run = () => {
  if (busy) return;
  const ready = queue.find((each) => each.isConnected && !needs(each, each.dataset.src || each.src).length);
  queue = queue.filter((each) => each !== ready && each.isConnected);
  if (!ready) return;
  const made = document.createElement("script");
  for (const { name, value } of ready.attributes) {
    if (!/^(type|data-(src|type|consent))$/.test(name)) setAttribute.call(made, name, value);
  }
  if (ready.dataset.type) made.type = ready.dataset.type;
  if (ready.dataset.src) setAttribute.call(made, "src", ready.dataset.src);
  made.nonce = ready.nonce;
  made.text = ready.text;
  if (made.src && !ready.hasAttribute("async")) {
    busy = true;
    made.async = false;
    made.onload = made.onerror = () => {
      busy = false;
      run();
    };
  }
  ready.replaceWith(made);
  run();
};
const begin = () => {
  busy = false;
  run();
};

// Cookies and stored values that bear a refused name: taken away, and not set again.
const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
const pattern = (name) => new RegExp("^" + name.replace(/[.+?^$|]/g, "\\$&").replace(/\*/g, ".*") + "$");
const patterns = names.map((name) => [name, RULES.categories[name].names.map(pattern)]);
const unwanted = (key) => !key.startsWith(KEY) && patterns.some(([name, found]) => !choices[name] && found.some((each) => each.test(key)));
Object.defineProperty(Document.prototype, "cookie", {
  ...cookie,
  set(text) {
    if (!unwanted(String(text).split("=")[0].trim())) cookie.set.call(this, text);
  },
});
const sweep = () => {
  const parts = location.hostname.split(".");
  const hosts = ["", ...parts.map((_, at) => ";domain=" + parts.slice(at).join("."))];
  const steps = location.pathname.split("/");
  const paths = ["/", ...steps.flatMap((_, at) => [steps.slice(0, at + 1).join("/"), steps.slice(0, at + 1).join("/") + "/"])];
  for (const pair of cookie.get.call(document).split("; ")) {
    const name = pair.split("=")[0];
    if (!unwanted(name)) continue;
    for (const host of hosts) {
      for (const path of paths) {
        for (const kind of ["", ";secure", ";secure;partitioned"]) {
          cookie.set.call(document, name + "=;max-age=0;path=" + (path || "/") + host + kind);
        }
      }
    }
  }
  try {
    for (const store of [localStorage, sessionStorage]) {
      for (const key of Object.keys(store)) if (unwanted(key)) store.removeItem(key);
    }
  } catch {}
};
