// A job's events as they happen: server-sent events (WHATWG HTML, section 9.2) read through fetch, because an EventSource hears only the
// types that it names, and a job may say anything.
const list = document.getElementById("events");
const state = document.getElementById("stream-state");
const empty = document.getElementById("stream-empty");
const follow = document.getElementById("stream-follow");
const linesMax = 2000;
const textMax = 4000;
let after = Number(list?.dataset.after || 0);
let following = true;
let failures = 0;
let isOver = false;

// Colour codes of terminals go; characters that reorder the text around them are shown for what they are (as in `PageText`).
const plain = (text) =>
  text
    .replace(/\r\n/g, "\n")
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const cut = (text) => (text.length > textMax ? `${text.slice(0, textMax)} …` : text);

const word = (data) => {
  if (typeof data === "string") return data;
  for (const name of ["line", "text", "message"]) if (typeof data?.[name] === "string") return data[name];
  return data === null || data === undefined ? "" : JSON.stringify(data);
};

const describe = (type, data) => {
  if (type === "progress" && typeof data?.fraction === "number") {
    return ["progress", [`${Math.round(data.fraction * 100)} %`, data.message].filter(Boolean).join(" · ")];
  }
  if (type === "attempt.failed") {
    const again = typeof data?.retry_after === "number" ? ` · again in ${Math.round(data.retry_after * 10) / 10} s` : "";
    return ["bad", `attempt ${data?.attempt}: ${data?.kind}: ${data?.message}${again}`];
  }
  if (type === "succeeded") return ["good", `attempt ${data?.attempt ?? ""} succeeded`];
  if (type === "cancelled") return ["log", "cancelled"];
  if (type === "output") return ["output", word(data)];
  if (type === "log") return [/^(error|critical|fatal)$/i.test(data?.level ?? "") ? "bad" : "log", word(data)];
  return ["other", word(data)];
};

const show = (type, data, at) => {
  const [tone, text] = describe(type, data);
  const line = document.createElement("li");
  line.className = `tone-${tone}`;
  const time = document.createElement("time");
  time.dateTime = time.title = at;
  time.textContent = at.slice(11, 19);
  const kind = document.createElement("span");
  kind.className = "line-type";
  kind.textContent = plain(type);
  const words = document.createElement("bdi");
  words.textContent = cut(plain(text));
  line.append(time, kind, words);
  // Progress that follows progress takes its place.
  const last = list.lastElementChild;
  if (tone === "progress" && last?.classList.contains("tone-progress")) last.replaceWith(line);
  else list.append(line);
  while (list.childElementCount > linesMax) list.firstElementChild.remove();
  if (list.hidden) {
    empty.hidden = true;
    list.hidden = false;
  }
  if (following) list.scrollTop = list.scrollHeight;
};

const receive = ({ id, type, data }) => {
  let body;
  try {
    body = JSON.parse(data);
  } catch {
    return;
  }
  // The job itself, not an entry of its stream: the page's other parts show it. "end": it is finished and its stream has been read.
  if (type === "state" || type === "end") {
    document.dispatchEvent(new CustomEvent("martlet:refresh"));
    isOver = type === "end";
    return;
  }
  if (type === "gap") {
    show("gap", `events ${Number(body.after) + 1} to ${Number(body.first) - 1} are no longer kept`, new Date().toISOString());
    return;
  }
  const whole = body !== null && typeof body === "object" && "seq" in body && "type" in body && "data" in body;
  const sequence = Number(whole ? body.seq : id);
  if (sequence > 0) {
    if (sequence <= after) return;
    after = sequence;
  }
  const name = whole ? body.type : type;
  show(name, whole ? body.data : body, (whole && body.at) || new Date().toISOString());
  if (["attempt.failed", "succeeded", "cancelled"].includes(name)) document.dispatchEvent(new CustomEvent("martlet:refresh"));
};

const read = async (body) => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { id: "", type: "message", data: [] };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (event.data.length > 0) receive({ ...event, data: event.data.join("\n") });
        event = { id: "", type: "message", data: [] };
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") event.data.push(text);
      else if (field === "event") event.type = text;
      else if (field === "id") event.id = text;
    }
  }
};

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

// Reconnects where it stopped, more and more slowly, until the server says that nothing more will come or that the job is gone.
const run = async () => {
  for (;;) {
    try {
      const response = await fetch(list.dataset.href, { headers: { accept: "text/event-stream", "last-event-id": String(after) } });
      if ([401, 403, 404].includes(response.status)) break;
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      state.textContent = "connected";
      failures = 0;
      await read(response.body);
      if (isOver) break;
    } catch {
      failures += 1;
    }
    state.textContent = "reconnecting";
    await sleep(Math.min(1000 * 2 ** failures, 30000) * (0.5 + Math.random() / 2));
  }
  state.textContent = "ended";
};

if (list && window.TextDecoderStream) {
  follow.hidden = false;
  const setFollowing = (value) => {
    following = value;
    follow.setAttribute("aria-pressed", String(value));
    follow.textContent = value ? "Following" : "Paused";
    if (value) list.scrollTop = list.scrollHeight;
  };
  follow.addEventListener("click", () => setFollowing(!following));
  // Scrolling up pauses, scrolling to the end follows again.
  let top = 0;
  list.addEventListener("scroll", () => {
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    if (isAtEnd ? !following : following && list.scrollTop < top) setFollowing(isAtEnd);
    top = list.scrollTop;
  }, { passive: true });
  list.scrollTop = list.scrollHeight;
  run();
}
