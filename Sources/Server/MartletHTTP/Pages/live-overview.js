// Finished jobs per second, from the counters of successive refreshes, with the last minute or so as a line.
const main = document.getElementById("content");
const kept = 40;
const histories = new Map();

const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

const draw = (place, rates, width, height) => {
  const top = Math.max(...rates, 0.001);
  const step = width / (kept - 1);
  const points = rates.map((rate, index) => {
    const x = width - (rates.length - 1 - index) * step;
    return `${x.toFixed(1)},${(height - 1.5 - (rate / top) * (height - 3)).toFixed(1)}`;
  });
  const first = (width - (rates.length - 1) * step).toFixed(1);
  const picture = svg("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  picture.append(
    svg("line", { x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5, stroke: "currentColor", opacity: "0.3" }),
    svg("polygon", { points: `${first},${height} ${points.join(" ")} ${width},${height}`, fill: "currentColor", opacity: "0.12" }),
    svg("polyline", { points: points.join(" "), fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linejoin": "round" }),
  );
  place.replaceChildren(picture);
};

const spell = (rate) => {
  if (rate === 0) return "0";
  if (rate < 10) return rate.toFixed(1);
  return Math.round(rate).toLocaleString("en").replaceAll(",", "\u202f");
};

// The last few samples together: single refreshes are too short to count slow queues by.
const rateOf = (samples) => {
  const first = samples[Math.max(0, samples.length - 4)];
  const last = samples[samples.length - 1];
  return last.at > first.at ? Math.max(0, last.count - first.count) / (last.at - first.at) : null;
};

const add = (name, count, at, number, place, width, height) => {
  const history = histories.get(name) ?? { samples: [], rates: [] };
  histories.set(name, history);
  const last = history.samples[history.samples.length - 1];
  if (last && at <= last.at) return;
  history.samples = [...history.samples, { count, at }].slice(-kept);
  const rate = rateOf(history.samples);
  if (rate === null) return;
  history.rates = [...history.rates, rate].slice(-kept);
  if (number) number.textContent = spell(rate);
  if (place && history.rates.length > 1) draw(place, history.rates, width, height);
};

const sample = () => {
  const at = Number(main.dataset.now) / 1e6;
  if (!(at > 0)) return;
  const total = Number(document.querySelector("[data-total]")?.dataset.total || 0);
  add("\u0000total", total, at, document.querySelector('[data-rate="total"]'), document.querySelector('[data-spark="total"]'), 72, 26);
  const names = new Set(["\u0000total"]);
  for (const row of document.querySelectorAll("tr[data-finished]")) {
    names.add(row.dataset.key);
    add(row.dataset.key, Number(row.dataset.finished), at, row.querySelector("[data-rate]"), row.querySelector("[data-spark]"), 96, 20);
  }
  for (const name of histories.keys()) if (!names.has(name)) histories.delete(name);
};

document.addEventListener("martlet:refreshed", sample);
sample();
