// Before any tag of the page: signals, and what was kept against the visitor's word goes.
window.gtag("consent", "default", { ...signals(valid ? {} : choices), wait_for_update: 500 });
if (valid) window.gtag("consent", "update", signals(choices));
sweep();
lookAll(document);
window.servanda = {
  may: (name) => name === "necessary" || choices[name] === true,
  open: () => withTexts(reopen),
};
const loaded = () => {
  begin();
  if (gpc && !valid && names.length) decide(all(false), "gpc");
  else send();
  withTexts(build);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", loaded);
else loaded();
