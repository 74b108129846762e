// Keeps a page current: asks for the same page again and takes over what differs, part by part, row by row, cell by cell. The server
// renders everything, so what arrives later is escaped exactly like what was there first.
const main = document.getElementById("content");
const badge = document.getElementById("live");
const seen = new WeakMap();
let failures = 0;
let timer = 0;
let busy = false;
let lastStart = 0;

const period = () => 1000 * Number(main.dataset.live || 0);

const say = (text, isOff) => {
  if (!badge || badge.textContent === text) return;
  badge.hidden = false;
  badge.textContent = text;
  badge.classList.toggle("is-off", isOff);
};

// Somebody is using this element: a field with the focus, or text being selected.
const inUse = (element) => {
  const active = document.activeElement;
  if (active && active !== document.body && element.contains(active)) return true;
  const selection = getSelection();
  return Boolean(selection && !selection.isCollapsed && element.contains(selection.anchorNode));
};

const takeAttributes = (old, fresh) => {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
};

// An element without keyed rows is replaced whole where the server says something new.
const patchCell = (old, fresh) => {
  if (old.hasAttribute("data-keep")) return;
  const html = fresh.innerHTML;
  if ((seen.get(old) ?? old.innerHTML) === html || inUse(old)) return;
  takeAttributes(old, fresh);
  old.replaceChildren(...document.importNode(fresh, true).childNodes);
  seen.set(old, html);
};

const patchRow = (old, fresh) => {
  if (old.children.length !== fresh.children.length) {
    if (!inUse(old)) old.replaceWith(document.importNode(fresh, true));
    return;
  }
  takeAttributes(old, fresh);
  [...fresh.children].forEach((cell, index) => patchCell(old.children[index], cell));
};

const patchPart = (old, fresh) => {
  const isKeyed = (part) => part.children.length > 0 && [...part.children].every((child) => child.dataset.key);
  if (!isKeyed(old) || !isKeyed(fresh)) return patchCell(old, fresh);
  const rows = new Map([...old.children].map((row) => [row.dataset.key, row]));
  let cursor = old.firstElementChild;
  for (const next of [...fresh.children]) {
    const row = rows.get(next.dataset.key);
    rows.delete(next.dataset.key);
    if (row) patchRow(row, next);
    const current = row?.isConnected ? row : [...old.children].find((child) => child.dataset.key === next.dataset.key);
    const element = current ?? document.importNode(next, true);
    if (element === cursor) cursor = cursor.nextElementSibling;
    else old.insertBefore(element, cursor);
  }
  for (const row of rows.values()) row.remove();
};

// Where a table has come or gone, its surroundings are taken over whole.
const patchRegion = (old, fresh) => {
  const parts = (region) => [...region.querySelectorAll("[data-part]")].map((part) => part.dataset.part).join();
  if (parts(old) !== parts(fresh) && !inUse(old)) old.replaceChildren(...document.importNode(fresh, true).childNodes);
};

const takeOver = (page) => {
  const fresh = page.getElementById("content");
  if (!fresh) return;
  for (const old of document.querySelectorAll("[data-region]")) {
    const region = fresh.querySelector(`[data-region="${old.dataset.region}"]`);
    if (region) patchRegion(old, region);
  }
  for (const old of document.querySelectorAll("[data-part]")) {
    const part = fresh.querySelector(`[data-part="${old.dataset.part}"]`);
    if (part) patchPart(old, part);
  }
  for (const name of ["data-live", "data-now"]) {
    if (fresh.hasAttribute(name)) main.setAttribute(name, fresh.getAttribute(name));
    else main.removeAttribute(name);
  }
  const clock = page.querySelector(".bottom time");
  const shown = document.querySelector(".bottom time");
  if (clock && shown) shown.textContent = shown.dateTime = clock.dateTime;
  document.dispatchEvent(new CustomEvent("martlet:refreshed"));
};

const refresh = async () => {
  if (busy) return schedule();
  busy = true;
  lastStart = performance.now();
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(10000) });
    // The session is over: what was fetched is the page to sign in.
    if (response.redirected) return location.reload();
    if (!response.ok) throw new Error(`status ${response.status}`);
    takeOver(new DOMParser().parseFromString(await response.text(), "text/html"));
    failures = 0;
    if (period() > 0) say("Live", false);
    else if (badge) badge.hidden = true;
  } catch {
    failures += 1;
    if (failures > 1) say("The server does not answer; trying again", true);
  }
  busy = false;
  schedule();
};

// A server that does not answer is asked less and less often, and never in step with other pages.
const schedule = () => {
  clearTimeout(timer);
  if (period() === 0 || document.hidden) return;
  const wait = Math.min(period() * 2 ** failures, 30000);
  timer = setTimeout(refresh, failures === 0 ? wait : wait * (0.5 + Math.random() / 2));
};

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && period() > 0) refresh();
});
// Somebody knows that there is something new: soon, but a job that says a lot does not have its page fetched for each word.
document.addEventListener("martlet:refresh", () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(150, lastStart + 1000 - performance.now()));
});
if (period() > 0) say("Live", false);
schedule();
