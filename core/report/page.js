"use strict";
(function () {
  const data = JSON.parse(document.getElementById("cimarron-data").textContent);
  const palette = ["#2a9d8f", "#e9a03b", "#3d6fb6", "#d1495b", "#7b5ea7", "#6a994e", "#c77dba",
                   "#4aa3c7", "#b08968", "#8d99ae", "#e07a5f", "#5a7d7c", "#bfa13c", "#577590"];
  const prefixes = ["a", "f", "p", "n", "\u00b5", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
  let charts = [];

  function si(value, unit) {
    if (!Number.isFinite(value)) return "-";
    if (value === 0) return "0 " + unit;
    const step = Math.max(-6, Math.min(8, Math.floor(Math.log10(Math.abs(value)) / 3 + 1e-12)));
    return Number((value / Math.pow(1000, step)).toPrecision(3)) + " " + prefixes[step + 6] + unit;
  }
  const percent = (x) => (100 * x).toFixed(1) + " %";
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function add(id, config) {
    const canvas = document.getElementById(id);
    if (!canvas) return;
    config.options = Object.assign({ animation: false, maintainAspectRatio: false, responsive: true },
                                   config.options);
    charts.push(new Chart(canvas, config));
  }

  function shares(object) {
    const all = Object.entries(object || {}).filter((e) => e[1] > 0).sort((a, b) => b[1] - a[1]);
    if (all.length <= palette.length) return all;
    const rest = all.splice(palette.length - 1);
    all.push(["other (" + rest.length + ")", rest.reduce((sum, e) => sum + e[1], 0)]);
    return all;
  }

  function doughnut(id, object, unit) {
    const slices = shares(object);
    const total = slices.reduce((sum, e) => sum + e[1], 0);
    add(id, {
      type: "doughnut",
      data: {
        labels: slices.map((e) => e[0] + "  " + percent(e[1] / total)),
        datasets: [{ data: slices.map((e) => e[1]), backgroundColor: palette,
                     borderColor: style("--card"), borderWidth: 2 }]
      },
      options: {
        cutout: "58%",
        plugins: {
          legend: { position: "right", labels: { boxWidth: 12, padding: 7, font: { size: 12 } } },
          tooltip: { callbacks: { label: (c) => " " + c.label + "  " + si(c.parsed, unit) } }
        }
      }
    });
  }

  function layerChart(id, layers, value, show, color, max) {
    add(id, {
      type: "bar",
      data: {
        labels: layers.map((l) => l.name),
        datasets: [{ data: layers.map(value), backgroundColor: color, borderRadius: 2,
                     categoryPercentage: 0.95, barPercentage: 0.9 }]
      },
      options: {
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (c) => " " + show(c.parsed.y) } }
        },
        scales: {
          x: { grid: { display: false }, ticks: { autoSkip: true, maxRotation: 60, minRotation: 40, font: { size: 10 } } },
          y: { max: max, beginAtZero: true, grid: { color: style("--line") },
               ticks: { maxTicksLimit: 6, callback: show } }
        }
      }
    });
  }

  function contenders() {
    const first = data.runs[0];
    const unit = (first.work && first.work.unit) || "image";
    const list = data.runs.filter((r) => r.trace === first.trace).map(function (r) {
      const count = r.work ? r.work.count : NaN;
      return { name: r.title || r.system, rate: r[unit + "s_per_s"] || count / r.time_s,
               economy: r["j_per_" + unit] ? 1 / r["j_per_" + unit] : count / r.energy_j,
               scope: r.power_scope, chip: true };
    });
    for (const b of first.baselines || []) {
      const best = b.best_batch || b;
      const count = first.work ? first.work.count * best.batch / first.batch : NaN;
      list.push({ name: b.title || b.name, rate: count / best.time_s, economy: count / best.energy_j,
                  scope: b.power_scope, chip: false });
    }
    return { unit: unit, list: list };
  }

  /* Lines of at most so many characters, cut between words: a label is no wider than its column. */
  function lines(text, width) {
    return text.split(" ").reduce(function (all, word) {
      const last = all[all.length - 1];
      if (last !== undefined && (last + " " + word).length <= width) all[all.length - 1] = last + " " + word;
      else all.push(word);
      return all;
    }, []);
  }

  function comparison(id, list, value, unit) {
    add(id, {
      type: "bar",
      data: {
        labels: list.map((c) => lines(c.name + (unit.endsWith("/J") ? " (" + c.scope + ")" : ""), 20)),
        datasets: [{ data: list.map(value), borderRadius: 3,
                     backgroundColor: list.map((c) => (c.chip ? palette[0] : palette[9])) }]
      },
      options: {
        indexAxis: "y",
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (c) => " " + c.parsed.x.toLocaleString("en") + " " + unit } }
        },
        scales: {
          x: { beginAtZero: true, grid: { color: style("--line") }, ticks: { maxTicksLimit: 6 } },
          y: { grid: { display: false } }
        }
      }
    });
  }

  function draw() {
    charts.forEach((c) => c.destroy());
    charts = [];
    Chart.defaults.color = style("--soft");
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const all = contenders();
    comparison("compare-rate", all.list, (c) => c.rate, all.unit + "s/s");
    comparison("compare-economy", all.list, (c) => c.economy, all.unit + "s/J");
    data.runs.forEach(function (run, i) {
      const layers = (run.layers || []).filter((l) => l.id >= 0);
      const worked = layers.filter((l) => typeof l.utilization === "number");
      doughnut("energy-" + i, run.energy_by_part_j, "J");
      doughnut("time-" + i, run.time_by_cause_s, "s");
      layerChart("layer-energy-" + i, layers, (l) => l.energy_j, (v) => si(v, "J"), palette[0]);
      layerChart("layer-use-" + i, worked, (l) => l.utilization,
                 (v) => Math.round(100 * v) + " %", palette[2], 1);
    });
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
