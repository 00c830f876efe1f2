// What people see. It lives apart from the page's own styles, and never moves the page.
let texts = {};
const make = (tag, more, ...inside) => {
  const made = document.createElement(tag);
  for (const name in more) {
    if (typeof more[name] === "function") made.addEventListener(name, more[name]);
    else if (more[name] !== false) setAttribute.call(made, name, more[name]);
  }
  made.append(...inside);
  return made;
};
const say = (tag, text, more) => make(tag, { dir: "auto", ...more }, text);
const button = (text, click, more) => say("button", text, { type: "button", click, ...more });
const styles = (load) => make("link", { rel: "stylesheet", href: base + "banner.css", load });
const link = (text, href) => say("a", text, { href, target: "_blank", rel: "noopener" });

// Where they do not come, nothing is shown, and everything stays refused.
const config = fetched(base + "config.json?lang=" + language, { credentials: "omit" })
  .then((answer) => answer.json())
  .then((found) => (texts = found));
const withTexts = (then) => config.then(then, () => {});

// In place of a frame that waits: why, and a button. The frame keeps its size.
const veil = (frame) => {
  if (frame.nodeName !== "IFRAME" || frame.veiled) return;
  frame.veiled = true;
  const fill = () => {
    const inside = frame.contentDocument;
    const missing = needs(frame, frame.dataset.held || frame.dataset.src);
    if (!inside || !inside.body || inside.body.firstChild || !missing.length) return;
    const named = texts.categories.filter((each) => missing.includes(each.id)).map((each) => each.name);
    inside.documentElement.lang = texts.language;
    inside.title = frame.title || texts.title;
    inside.head.append(styles());
    inside.body.className = "veil";
    inside.body.append(
      say("p", texts.blocked.replace("{categories}", named.join(", "))),
      button(texts.allow, () => chosen({ ...choices, ...Object.fromEntries(missing.filter((each) => names.includes(each)).map((each) => [each, true])) }, "chosen")),
    );
  };
  frame.addEventListener("load", () => withTexts(fill));
  withTexts(fill);
};

const host = make("div", { id: "servanda-consent", hidden: "" });
const root = host.attachShadow({ mode: "open" });
let banner;
let dialog;
let control;
let note;
let boxes;
let fades;
const all = (value) => Object.fromEntries(names.map((each) => [each, value]));

const chosen = (next, how) => {
  const gone = decide(next, how);
  if (dialog) dialog.close();
  const lost = banner.contains(root.activeElement);
  banner.hidden = true;
  note.replaceChildren(say("p", gone.length ? texts.withdrawn : texts.saved));
  if (gone.length) note.append(button(texts.reload, () => location.reload()), button(texts.close, () => (note.hidden = true)));
  note.hidden = false;
  clearTimeout(fades);
  if (!gone.length) fades = setTimeout(() => (note.hidden = true), 4000);
  show();
  if (lost) control.focus();
};
const acts = (...last) =>
  make("div", { class: "acts" }, button(texts.accept, () => chosen(all(true), "accept_all")), button(texts.decline, () => chosen(all(false), "decline_all")), ...last);

const honoured = () => gpc && kept && kept.how === "gpc";
const show = () => {
  control.replaceChildren(texts.control, ...(honoured() ? [make("small", {}, texts.gpc_short)] : []));
  control.hidden = !banner.hidden || told.control === "off";
};
const links = () => make("p", {}, link(texts.policy, texts.policy_url), " · ", link(texts.preferences, texts.preferences_url));

const category = (each) => {
  const box = make("input", { type: "checkbox", id: each.id });
  box.disabled = box.checked = each.id === "necessary";
  if (!box.disabled) boxes[each.id] = box;
  const rows = each.cookies.map((one) => make("li", { dir: "auto" }, make("b", {}, one.name), " · ", one.who, " · ", one.lasts, make("br"), one.purpose));
  if (each.more) rows.push(make("li", {}, link(each.more, texts.policy_url)));
  return make(
    "section",
    {},
    make("h3", {}, box, say("label", each.name, { for: each.id })),
    say("p", each.says),
    make("details", {}, say("summary", each.summary), make("ul", {}, ...rows)),
  );
};
// Made when somebody opens it.
const settings = () => {
  boxes = {};
  const save = () => chosen(Object.fromEntries(names.map((each) => [each, boxes[each].checked])), "chosen");
  dialog = make(
    "dialog",
    { "aria-labelledby": "d" },
    button("×", () => dialog.close(), { class: "close", "aria-label": texts.close }),
    say("h2", texts.control, { id: "d" }),
    say("p", texts.explains),
    say("p", texts.gpc, { class: "gpc" }),
    ...texts.categories.map(category),
    links(),
    make("p", {}, make("a", { class: "receipt", dir: "auto", target: "_blank", rel: "noopener" }, texts.receipt)),
    acts(button(texts.save, save)),
  );
  root.append(dialog);
};
const reopen = () => {
  if (!dialog) settings();
  for (const name in boxes) boxes[name].checked = choices[name];
  dialog.querySelector(".gpc").hidden = !honoured();
  const receipt = dialog.querySelector(".receipt");
  receipt.hidden = !(kept && kept.receipt);
  if (kept && kept.receipt) receipt.href = new URL(kept.receipt, base).href;
  if (!dialog.open) dialog.showModal();
};

const build = () => {
  setAttribute.call(host, "lang", texts.language);
  banner = make(
    "div",
    { class: "banner", role: "dialog", "aria-labelledby": "t", "aria-describedby": "s" },
    say("h2", texts.title, { id: "t" }),
    say("p", texts.says, { id: "s" }),
    links(),
    acts(button(texts.choose, reopen, { "aria-haspopup": "dialog" })),
  );
  banner.hidden = true;
  control = button("", reopen, { class: "control", "aria-haspopup": "dialog" });
  note = make("div", { class: "note", role: "status" });
  note.hidden = true;
  root.append(styles(() => (host.hidden = false)), banner, make("div", { class: "foot", role: "region", "aria-label": texts.title }, note, control));
  banner.hidden = !names.length || (valid && !preview) || gpc;
  show();
  document.body.prepend(host);
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-consent-open]")) {
      event.preventDefault();
      reopen();
    }
  });
};
