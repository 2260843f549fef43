// Puts the plots into the page and makes them usable with mouse, touch and keyboard; switches the theme. It keeps nothing and asks
// for nothing.
(() => {
  const root = document.documentElement, plots = [];
  const ramps = JSON.parse(document.getElementById("plots").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null, inks = new Map();

  function ink(name) {
    if (!inks.has(name)) inks.set(name, getComputedStyle(root).getPropertyValue(name === "paper" ? "--card" : "--plot-" + name).trim());
    return inks.get(name);
  }

  function dress(theme) {
    root.dataset.theme = theme;
    inks = new Map();
    for (const u of plots) u.redraw(false, true);
    const button = document.getElementById("theme");
    button.hidden = false;
    button.textContent = theme === "dark" ? "Light theme" : "Dark theme";
  }

  const theme = () => chosen || (dark.matches ? "dark" : "light");
  document.getElementById("theme").addEventListener("click", () => dress(chosen = theme() === "dark" ? "light" : "dark"));
  dark.addEventListener("change", () => dress(theme()));
  addEventListener("beforeprint", () => dress("light"));
  addEventListener("afterprint", () => dress(theme()));
  dress(theme());

  let left = ramps.length;
  for (const ramp of ramps) show(ramp);
  if (left === 0) performance.mark("drawn");

  for (const console of document.querySelectorAll(".console")) { // the guilty line is what one wants to see of a long console
    const guilty = console.querySelector("mark");
    if (guilty) console.scrollTop = guilty.offsetTop - console.offsetTop - console.clientHeight / 2;
  }

  function show(ramp) {
    const box = document.getElementById(ramp.id), figure = box.closest("figure");
    const out = figure.querySelector(".readout"), reset = figure.querySelector(".reset");
    const say = p => { if (out.textContent !== p.text) out.textContent = p.text; };
    const u = rampPlot(box, ramp, ink, {
      point: say,
      zoomed: () => { reset.disabled = false; },
      whole: () => whole(),
      drawn: () => { if (--left === 0) performance.mark("drawn"); },
    });
    plots.push(u);
    say(ramp.points.find(p => p.state && !p.ns) || ramp.points[ramp.points.length - 1]);
    const whole = () => { u.setData(u.data, true); reset.disabled = true; };
    reset.addEventListener("click", () => { whole(); box.focus(); });
    box.addEventListener("keydown", e => {
      const act = keys(u, ramp, say, whole, () => { reset.disabled = false; })[e.key];
      if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      act();
    });
    new ResizeObserver(() => {
      if (box.clientWidth > 0 && (box.clientWidth !== u.width || box.clientHeight !== u.height)) u.setSize({ width: box.clientWidth, height: box.clientHeight });
    }).observe(box);
  }

  function keys(u, ramp, say, whole, zoomed) {
    const points = ramp.points, at = () => points.findIndex(p => p.text === u.root.closest("figure").querySelector(".readout").textContent);
    const read = i => {
      const p = points[Math.min(points.length - 1, Math.max(0, i))];
      say(p);
      u.setCursor({ left: u.valToPos(p.n, "x"), top: u.over.clientHeight / 2 });
    };
    const zoom = by => {
      const { min, max } = u.scales.x, here = points[Math.max(0, at())].n;
      const middle = here > min && here < max && by > 1 ? here : Math.sqrt(min * max), half = (max / min) ** (0.5 / by);
      if (half > 1.02) { u.setScale("x", { min: middle / half, max: middle * half }); zoomed(); }
    };
    return {
      ArrowRight: () => read(at() + 1), ArrowLeft: () => read(at() < 0 ? points.length - 1 : at() - 1),
      "+": () => zoom(2), "=": () => zoom(2), "-": () => zoom(0.5), 0: whole, Escape: whole,
    };
  }
})();
