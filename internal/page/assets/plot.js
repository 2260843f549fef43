// Draws a ramp with uPlot: cost against size, both logarithmic. Everything that it shows is in the table beneath as well.
// A signal is drawn in the same way; one that is no time has a unit, and an axis that is linear.
"use strict";

const rampPlot = (() => {
  const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
  const plain = v => Number(v.toPrecision(4)).toLocaleString("en-US");
  const count = v => v.toLocaleString("en-US", { maximumFractionDigits: 0 });

  function time(ns) {
    const [unit, name] = units.find(([u]) => ns >= u * 0.9999) || units[3];
    return plain(ns / unit) + " " + name;
  }

  const glued = unit => unit === "%" || unit.startsWith("/") ? unit : " " + unit;
  const quantity = unit => v => plain(v) + (unit ? glued(unit) : "");

  // steps gives values for labels between two bounds: decades, in few decades parts of them, zoomed in deep even steps.
  function steps(low, high, room) {
    const decades = Math.log10(high / low);
    const parts = room / decades > 130 ? [1, 2, 5] : room / decades > 70 ? [1, 3] : [1];
    const every = Math.max(1, Math.ceil(28 * decades / room));
    const found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      if (e % every === 0) for (const p of parts) found.push(p * 10 ** e);
    }
    const inside = found.filter(v => v >= low && v <= high);
    return inside.length > 1 ? inside : even(low, high);
  }

  function even(low, high, parts = 3) {
    const raw = (high - low) / parts, decade = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find(m => m * decade >= raw) * decade;
    const found = [];
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) found.push(v);
    return found;
  }

  // sizes labels the sizes that were measured, and decades where the plot goes far beyond them.
  function sizes(ramp, low, high) {
    const all = ramp.points.map(p => p.n);
    const beyond = [];
    for (let v = 1; v <= high; v *= 10) if (v < all[0] / 2 || v > all[all.length - 1] * 2) beyond.push(v);
    const inside = all.concat(beyond).filter(v => v >= low && v <= high).sort((a, b) => a - b);
    return inside.length > 1 ? inside : even(low, high).filter(Number.isInteger);
  }

  // spread keeps the labels that have room beside each other, the last one first: that is where it breaks.
  function spread(u, values, room) {
    let edge = Infinity;
    return values.slice().reverse().filter(v => {
      const at = u.valToPos(v, "x");
      if (at + room > edge) return false;
      edge = at;
      return true;
    }).reverse();
  }

  function columns(ramp) {
    const has = new Map(ramp.points.map(p => [p.n, p]));
    const curve = new Map((ramp.curve || []).map(c => [c[0], c]));
    const marks = [ramp.safe, ramp.broken, ...(ramp.knee || []).slice(1)].filter(v => v > 0);
    const x = [...new Set([...has.keys(), ...curve.keys(), ...marks])].sort((a, b) => a - b);
    const of = get => x.map(n => has.has(n) ? get(has.get(n)) ?? null : null);
    const model = i => x.map(n => curve.has(n) ? curve.get(n)[i] : null);
    return [x, model(1), model(2), model(3), of(p => p.budget), of(p => p.mid),
      of(p => p.ns && Math.min(...p.ns)), of(p => p.ns && Math.max(...p.ns))];
  }

  // under draws the regions that lie beneath the lines: the knee, and what is beyond the broken size.
  function under(u, ramp, ink) {
    const { ctx, bbox: b } = u, x = n => u.valToPos(n, "x", true);
    clipped(u, () => {
      if (ramp.broken) {
        ctx.fillStyle = ink("beyond");
        ctx.fillRect(x(ramp.broken), b.top, b.left + b.width - x(ramp.broken), b.height);
      }
      if (ramp.knee) {
        const [at, low, high] = ramp.knee.map(x);
        ctx.fillStyle = ink("knee-band");
        ctx.fillRect(low, b.top, Math.max(high - low, 3), b.height);
        line(u, at, b.top, ink("knee"), [2, 3], 1.4);
      }
    });
  }

  function over(u, ramp, ink) {
    const { ctx } = u, r = devicePixelRatio, x = n => u.valToPos(n, "x", true);
    clipped(u, () => {
      ctx.fillStyle = ink("sample");
      for (const p of ramp.points) for (const ns of p.ns || []) {
        ctx.beginPath();
        ctx.arc(x(p.n), u.valToPos(ns, "y", true), 2.6 * r, 0, 2 * Math.PI);
        ctx.fill();
      }
    });
    failures(u, ramp, ink);
    const rows = u.bbox.top / r > 30 ? 2 : 1;
    if (ramp.broken) edge(u, ramp.broken, "broken at " + count(ramp.broken), ramp.failure ? ": " + ramp.failure : "", ink("broken"), [7, 3], 1);
    if (ramp.safe) edge(u, ramp.safe, "safe at " + count(ramp.safe), "", ink("safe"), [], rows);
  }

  // failures marks the sizes without a sample: there is no point to draw, but something to tell.
  function failures(u, ramp, ink) {
    const { ctx, bbox: b } = u, r = devicePixelRatio;
    let end = -Infinity;
    for (const p of ramp.points) {
      const x = u.valToPos(p.n, "x", true), y = b.top + 12 * r, s = 5 * r;
      if (!p.state || p.ns || x < b.left || x > b.left + b.width) continue;
      ctx.strokeStyle = ctx.fillStyle = ink("broken");
      ctx.lineWidth = 2.2 * r;
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.moveTo(x - s, y - s); ctx.lineTo(x + s, y + s); ctx.moveTo(x + s, y - s); ctx.lineTo(x - s, y + s);
      ctx.stroke();
      ctx.font = 12 * r + "px system-ui, sans-serif";
      const wide = ctx.measureText(p.state).width;
      const from = Math.min(Math.max(x - wide / 2, b.left + 3 * r), b.left + b.width - wide - 3 * r);
      if (from > end) {
        ctx.textAlign = "left";
        ctx.fillStyle = ink("paper");
        ctx.fillRect(from - 2 * r, y + 8 * r, wide + 4 * r, 14 * r);
        ctx.fillStyle = ink("broken");
        ctx.fillText(p.state, from, y + 19 * r);
        end = from + wide + 6 * r;
      }
    }
  }

  // edge is a vertical line with its label above the plot, on the side that has more room; more is added to it if it fits.
  function edge(u, n, text, more, color, dash, row) {
    const { ctx, bbox: b } = u, r = devicePixelRatio, x = u.valToPos(n, "x", true);
    if (x < b.left - 1 || x > b.left + b.width + 1) return;
    const y = b.top - (row === 1 ? 8 : 24) * r, right = x - b.left < b.width / 2;
    line(u, x, y - 8 * r, color, dash, 2);
    ctx.font = "600 " + 12.5 * r + "px system-ui, sans-serif";
    ctx.fillStyle = color;
    ctx.textAlign = right ? "left" : "right";
    const room = right ? ctx.canvas.width - x - 8 * r : x - 8 * r;
    if (ctx.measureText(text + more).width <= room) text += more; // what is left out stands in the caption
    if (ctx.measureText(text).width > room) {
      while (text.length > 1 && ctx.measureText(text + "…").width > room) text = text.slice(0, -1);
      text += "…";
    }
    ctx.fillText(text, x + (right ? 6 : -6) * r, y);
  }

  function line(u, x, top, color, dash, width) {
    const { ctx, bbox: b } = u, r = devicePixelRatio;
    ctx.strokeStyle = color;
    ctx.lineWidth = width * r;
    ctx.setLineDash(dash.map(d => d * r));
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, b.top + b.height);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  // apart leaves the canvas as it was: uPlot sets a font or a colour only when it believes that it has changed.
  function apart(u, draw, ramp, ink) {
    u.ctx.save();
    draw(u, ramp, ink);
    u.ctx.restore();
  }

  function clipped(u, draw) {
    const { ctx, bbox: b } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(b.left, b.top, b.width, b.height);
    ctx.clip();
    draw();
    ctx.restore();
  }

  // make draws a ramp into a box. ink(name) is a colour of the theme; hear.point(p) is called with the point that is pointed
  // at, hear.zoomed() when it was zoomed, hear.whole() when
  // it should not be any more, hear.drawn() once.
  return function make(box, ramp, ink, hear) {
    const data = columns(ramp), x = data[0], wide = x[x.length - 1] / x[0];
    const margin = wide > 1 ? wide ** 0.04 : 1.5;
    const fullX = (u, min, max) => min === x[0] && max === x[x.length - 1] ? [min / margin, max * margin] : [min, max];
    const linear = ramp.unit !== undefined, words = linear ? quantity(ramp.unit) : time;
    const fullY = (u, min, max) => linear ? [Math.min(0, min * 1.1), max > 0 ? max * 1.1 : 1] : min > 0 && max > 0 ? [min / 1.4, max * 1.4] : [1e3, 1e9];
    const scaleY = linear ? { range: fullY } : { distr: 3, log: 10, range: fullY };
    const nearest = u => {
      const at = p => Math.abs(u.valToPos(p.n, "x") - u.cursor.left);
      return ramp.points.reduce((a, b) => at(b) < at(a) ? b : a);
    };
    const text = () => ink("text"), font = "12px system-ui, sans-serif";
    const axis = { stroke: text, font, labelFont: font, ticks: { stroke: () => ink("grid"), size: 4 }, grid: { stroke: () => ink("grid"), width: 1 }, filter: (u, v) => v };
    const bare = { points: { show: false } }, none = { ...bare, paths: () => null };
    const limit = { ...bare, auto: false, spanGaps: true, width: 0, pxAlign: 0 };
    const rows = (ramp.broken ? 1 : 0) + (ramp.safe ? 1 : 0);
    return new uPlot({
      width: box.clientWidth, height: box.clientHeight, padding: [8 + 18 * rows, 28, 0, 0], legend: { show: false },
      scales: { x: { time: false, distr: 3, log: 2, range: fullX }, y: scaleY },
      axes: [
        { ...axis, label: ramp.axis, labelSize: 20, size: 28, splits: (u, i, min, max) => spread(u, sizes(ramp, min, max), count(max).length * 7 + 14), values: (u, v) => v.map(count) },
        { ...axis, label: ramp.label || "time of one sample", labelSize: 20, size: linear ? 78 : 60, splits: (u, i, min, max) => linear ? even(min, max, Math.max(3, (u.height - 80) / 45)) : steps(min, max, u.height - 80), values: (u, v) => v.map(words) },
      ],
      series: [{},
        { ...bare, stroke: () => ink("fit"), width: 3.2, spanGaps: true, pxAlign: 0 },
        limit, limit,
        { ...bare, stroke: () => ink("budget"), width: 1.4, dash: [8, 5], spanGaps: true, pxAlign: 0 },
        { stroke: () => ink("median"), width: 1.3, spanGaps: true, pxAlign: 0, points: { show: true, size: 8, width: 1.6, stroke: () => ink("median"), fill: () => ink("paper") } },
        none, none],
      bands: [{ series: [3, 2], fill: () => ink("band") }],
      cursor: { bind: { dblclick: () => () => hear.whole() }, drag: { x: true, y: true, uni: 40, dist: 6 }, points: { show: false }, y: false },
      hooks: {
        drawClear: [u => apart(u, under, ramp, ink)],
        draw: [u => apart(u, over, ramp, ink)],
        setCursor: [u => { if (u.cursor.left >= 0) hear.point(nearest(u)); }],
        setSelect: [u => { if (u.select.width > 0 || u.select.height > 0) hear.zoomed(); }],
        ready: [() => hear.drawn()],
      },
    }, data, box);
  };
})();
