// Puts a chart that can be zoomed, with series that can be toggled, in the place of each drawn picture. Where that fails,
// the picture stays.
"use strict";
(() => {
  const number = (v) => v == null ? "–" : String(parseFloat(v.toPrecision(4)));
  const rate = (v) => v >= 0.1 && v < 1000 ? number(v) : v.toExponential(1).replace(".0e", "e").replace("+", "");

  // Marks of a logarithmic axis: whole decades, not too many; in less than two of them also 2 and 5.
  const decades = (low, high) => {
    const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
    const apart = Math.max(1, Math.ceil((to - from) / 8));
    const marks = [];
    for (let e = from; e <= to; e += apart) {
      for (const digit of Math.log10(high / low) < 2 ? [1, 2, 5] : [1]) {
        const mark = Number(digit + "e" + e);
        if (mark >= low * 0.999 && mark <= high * 1.001) {
          marks.push(mark);
        }
      }
    }
    return marks;
  };

  const text = (axis, v) => axis.categories.length ? axis.categories[v] ?? "" : axis.log ? rate(v) : number(v);

  const axis = (of, size) => {
    const settings = {label: of.title, size, labelSize: 20,
      grid: {stroke: "#ddd", width: 1}, ticks: {stroke: "#999", width: 1},
      values: (u, marks) => marks.map((mark) => text(of, mark))};
    if (of.log) {
      settings.splits = (u, i, low, high) => decades(low, high);
      settings.filter = (u, marks) => marks; // uPlot's own would keep whole decades alone
    } else if (of.categories.length) {
      settings.splits = () => of.categories.map((_, i) => i);
    }
    return settings;
  };

  const home = (of) => of.log && of.least < of.most ? {min: of.least / 1.25, max: of.most * 1.25} : {min: of.least, max: of.most};

  const chart = (panel, legend, place) => {
    const goHome = (u) => u.batch(() => {
      u.setScale("x", home(panel.x));
      u.setScale("y", {min: panel.y.least, max: panel.y.most});
    });
    // Bars of ± one standard error, in the colour of their series.
    const bars = (u, i) => {
      const line = panel.lines[i - 1];
      if (!line || !u.series[i].show) {
        return;
      }
      const c = u.ctx;
      c.save();
      c.beginPath();
      c.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      c.clip();
      c.beginPath();
      line.y.forEach((y, at) => {
        if (y != null && line.bars[at] > 0) {
          const x = Math.round(u.valToPos(panel.at[at], "x", true));
          c.moveTo(x, u.valToPos(y - line.bars[at], "y", true));
          c.lineTo(x, u.valToPos(y + line.bars[at], "y", true));
        }
      });
      c.strokeStyle = legend[line.series].colour;
      c.lineWidth = devicePixelRatio;
      c.stroke();
      c.restore();
    };
    const readout = document.createElement("output");
    readout.className = "readout";
    const read = (u) => {
      const at = u.cursor.idx;
      readout.textContent = at == null ? "" : text(panel.x, panel.at[at]) + ": " + panel.lines
        .filter((line, i) => line.main && line.y[at] != null && u.series[i + 1].show)
        .map((line) => line.name + " " + (panel.y.log ? rate(line.y[at]) : number(line.y[at]))
          + (line.bars[at] > 0 ? " ±" + number(line.bars[at]) : "")).join(", ");
    };
    const frame = document.createElement("div");
    frame.className = "panel";
    const title = document.createElement("h4");
    title.textContent = panel.title;
    frame.append(title);
    place.append(frame);
    const u = new uPlot({
      width: frame.clientWidth, height: panel.height,
      legend: {show: false},
      scales: {
        x: {time: false, distr: panel.x.log ? 3 : 1, range: (u, min, max) => [min, max]},
        y: {distr: panel.y.log ? 3 : 1, range: (u, min, max) => [min, max]},
      },
      axes: [axis(panel.x, 40), axis(panel.y, 60)],
      series: [{}, ...panel.lines.map((line) => ({
        label: line.name, stroke: legend[line.series].colour, width: line.main ? 2.2 : 0.9, spanGaps: true,
        dash: line.main ? legend[line.series].dashes ?? undefined : undefined,
        points: {show: line.main && line.y.length <= 15, size: 7, fill: legend[line.series].colour},
      }))],
      cursor: {drag: {x: true, y: true, uni: 20}, bind: {dblclick: (u) => () => goHome(u)}},
      hooks: {drawSeries: [bars], setCursor: [read]},
    }, [panel.at, ...panel.lines.map((line) => line.y)], frame);
    frame.append(readout);
    goHome(u);
    new ResizeObserver(() => {
      if (frame.clientWidth !== u.width && frame.clientWidth > 0) {
        u.setSize({width: frame.clientWidth, height: panel.height});
      }
    }).observe(frame);
    return u;
  };

  // A button for each series, which shows or hides it in all panels.
  const buttons = (data, charts) => {
    const row = document.createElement("div");
    row.className = "legend";
    data.legend.forEach((entry, series) => {
      if (!entry.name) {
        return;
      }
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.innerHTML = `<svg width="36" height="8"><path d="M0 4H36" stroke="${entry.colour}" stroke-width="2.2"
        stroke-dasharray="${(entry.dashes ?? []).join(" ")}"/></svg>`;
      button.append(entry.name);
      button.addEventListener("click", () => {
        const show = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", show);
        charts.forEach((u, p) => u.batch(() => {
          const x = {min: u.scales.x.min, max: u.scales.x.max}, y = {min: u.scales.y.min, max: u.scales.y.max};
          data.panels[p].lines.forEach((line, i) => {
            if (line.series === series) {
              u.setSeries(i + 1, {show});
            }
          });
          u.setScale("x", x);
          u.setScale("y", y);
        }));
      });
      row.append(button);
    });
    const note = document.createElement("span");
    note.textContent = data.note + " · drag to zoom, double-click to go back, click a name to hide it";
    row.append(note);
    return row;
  };

  for (const figure of document.querySelectorAll("figure")) {
    const interactive = document.createElement("div");
    interactive.className = "interactive";
    try {
      const data = JSON.parse(figure.querySelector("script").textContent);
      const place = document.createElement("div");
      place.className = "charts";
      place.style.setProperty("--least", data.columns === 1 ? "100%" : data.columns === 2 ? "28rem" : "20rem");
      figure.append(interactive);
      interactive.append(place);
      const charts = data.panels.map((panel) => chart(panel, data.legend, place));
      interactive.prepend(buttons(data, charts));
      figure.classList.add("live");
      figure.charts = charts;
    } catch (failure) {
      interactive.remove();
      console.error(failure);
    }
  }
})();
