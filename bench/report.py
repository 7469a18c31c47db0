# SPDX-License-Identifier: Apache-2.0
"""Makes tables of what scripts/bench has measured.

usage: report.py FOLDER                     all tables, as Markdown
       report.py FOLDER --into FILE.md      puts each between its two comments in FILE.md, <!-- table: NAME --> and <!-- end -->,
                                            and draws race-1.svg and race-all.svg beside it
       report.py FOLDER --against OLDER     the ratios that have moved by more than their spreads and 5 %
"""

import json
import os
import re
import sys

import picture
from peers import standings


def load(folder, *names):
    """The results of the files that are there, and the first machine."""
    results, machine = [], None
    for name in names:
        path = os.path.join(folder, name + ".json")
        if os.path.exists(path):
            with open(path) as file:
                document = json.load(file)
            results += document["results"]
            machine = machine or document.get("machine")
    return results, machine


def table(head, rows):
    if not rows:
        return "Not measured.\n"
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)] + rows
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def percent(value):
    return f"{100 * value:.1f} %"


def shape_of(result):
    shape = result["shape"]
    return shape if isinstance(shape, str) else "x".join(str(size) for size in shape)


def machine_table(folder):
    _, machine = load(folder, "model", "model-1", "kernels", "peers")
    if machine is None:
        return "Not measured.\n"
    return (f"{machine['cpu']}, {machine['cores']} cores, {machine['l2_bytes'] >> 10} KB L2 each, "
            f"{machine['l3_bytes'] >> 20} MB L3, kernels {machine['isa']}, evenkeel {machine['version']}.\n")


def kernels_table(folder, *names):
    rows = []
    for r in load(folder, *names)[0]:
        rows.append([f"{r['kernel']} {shape_of(r)}", r["layout"], r["dtype"], r.get("fuse", "none"), r["threads"],
                     f"{r['us']:.1f}", f"{r['c_us']:.1f}", f"{r['r_us']:.1f}", r["bound"], f"{r['ratio']:.2f}",
                     percent(r["spread"])])
    return table(["kernel, shape", "layout", "dtype", "fused", "threads", "us", "c us", "r us", "bound", "ratio", "spread"], rows)


def model_table(folder):
    rows = []
    for r in load(folder, "model", "model-1")[0]:
        rows.append([f"{r['model']}, batch {r['batch']}", r["threads"], f"{r['steps_per_s']:.0f}", f"{r['us']:.1f}",
                     f"{r['ratio_to_no_norm']:.2f}", percent(r["spread"]), f"{r['products_us']:.1f}",
                     f"{r['ratio_to_products']:.2f}", percent(r["products_spread"])])
    return table(["model", "threads", "steps/s", "us a step", "to no norm", "spread", "products us", "to products",
                  "spread"], rows)


def scale_table(folder):
    rows = []
    for r in load(folder, "graph_scale")[0]:
        rows.append([f"{r['nodes']:,}", f"{r['all_nodes']:,}"] + [
            f"{r[phase + '_ms']:.1f} ({r[phase + '_ns_each']:.0f})" for phase in ("build", "gradients", "init", "plan")])
    return table(["nodes", "with gradients", "build ms (ns a node)", "gradients", "first init", "first plan"], rows)


def branches_table(folder):
    rows = [[r["what"], "yes" if r["sinking"] else "no", r["steps"], r["moments"], f"{r['us']:.1f}"]
            for r in load(folder, "branches")[0]]
    return table(["run", "sunk into their branch", "steps computed", "of the moments", "us"], rows)


def start_table(folder):
    rows = []
    for r in load(folder, "start")[0]:
        if "ms" in r:
            rows.append([r["what"], f"{r['ms']:.1f} ms", percent(r["spread"])])
        else:
            rows.append([r["what"], f"{r['mb']:.0f} MB", ""])
    return table(["what", "", "spread"], rows)


def peers_model_table(folder):
    rows = [[f"mlp, batch {r['batch']}", r["contender"], r["threads"], f"{1e6 / r['us']:.0f} steps/s",
             f"{r['times_evenkeel']:.2f}", percent(r["spread"])]
            for r in load(folder, "peers")[0] if r["job"] == "mlp"]
    return table(["what", "who", "threads", "speed", "times Evenkeel's time", "spread"], rows)


def peers_means_table(folder):
    rows = []
    for mean in standings.means(standings.standings(load(folder, "peers")[0])):
        goal = standings.GOALS.get(mean.kernel)
        slower = [f"{s.shape}{f' {s.layout}' * (mean.layout == 'all')}: {s.peer} {s.ratio:.2f}" for s in mean.slower]
        rows.append([mean.kernel, mean.layout, mean.threads, mean.shapes, f"{mean.ratio:.2f}", goal or "",
                     len(slower) if mean.layout == "all" else "; ".join(slower) or "none"])
    return table(["kernel", "layout", "threads", "shapes", "best other / ours", "goal", "another is faster on"], rows)


def peers_kernels_table(folder):
    found = standings.standings(load(folder, "peers")[0])
    counts = sorted({s.threads for s in found})
    lines = {}
    for s in found:
        lines.setdefault((s.kernel, s.shape, s.layout), {})[s.threads] = s
    rows = []
    for (kernel, shape, layout), of_line in lines.items():
        row = [f"{kernel} {shape}", layout]
        for count in counts:
            s = of_line.get(count)
            row += [f"{s.us:.1f}", s.peer, f"{s.ratio:.2f}", percent(s.spread)] if s else [""] * 4
        rows.append(row)
    head = [words for count in counts for words in (f"us, {count} thr.", "best other", "its time / ours", "spread")]
    return table(["kernel, shape", "layout"] + head, rows)


def draw_race(folder, beside):
    """A picture on one thread, and one on as many as there were."""
    raced, kernels = load(folder, "peers")[0], load(folder, "kernels")[0]
    counts = sorted({r["threads"] for r in raced if r["job"] == "kernel"})
    for name, count in zip(["race-1.svg", "race-all.svg"], counts[:1] + counts[-1:]):
        drawn = picture.draw(kernels, raced, count)
        if drawn is not None:
            with open(os.path.join(os.path.dirname(beside), name), "w") as file:
                file.write(drawn)


def sizes_table(folder):
    rows = [[r["isa"], f"{r['bytes'] / 1024:.0f} KB"] for r in load(folder, "sizes")[0]]
    return table(["instruction set", "code and constants"], rows)


TABLES = {
    "machine": machine_table,
    "model": model_table,
    "peers-mlp": peers_model_table,
    "kernels": lambda folder: kernels_table(folder, "kernels"),
    "kernels-cold": lambda folder: kernels_table(folder, "kernels-cold"),
    "kernels-fused": lambda folder: kernels_table(folder, "kernels-fused"),
    "kernels-half": lambda folder: kernels_table(folder, "kernels-half"),
    "peers-means": peers_means_table,
    "peers-kernels": peers_kernels_table,
    "sizes": sizes_table,
    "graph-scale": scale_table,
    "branches": branches_table,
    "start": start_table,
}


def put_into(folder, path):
    with open(path) as file:
        text = file.read()
    missing = [name for name in TABLES if f"<!-- table: {name} -->" not in text]
    if missing:
        sys.exit(f"report: {path} has no place for {', '.join(missing)}")
    for name, make in TABLES.items():
        text = re.sub(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)",
                      lambda found: found[1] + "\n" + make(folder) + "\n" + found[2], text, flags=re.DOTALL)
    with open(path, "w") as file:
        file.write(text)


def compare(folder, older):
    """Lines about ratios that moved; they hold across machines of one kind, as times do not."""
    def ratios(where):
        found = {}
        for r in load(where, "kernels", "kernels-cold", "kernels-half", "kernels-fused")[0]:
            key = f"{r['kernel']} {shape_of(r)} {r['layout']} {r['dtype']} {r['fuse']} {r['threads']} threads" + " cold" * r["cold"]
            found[key] = (r["ratio"], r["spread"])
        for r in load(where, "model", "model-1")[0]:
            key = f"{r['model']} batch {r['batch']} {r['threads']} threads"
            found[key + ", to its products"] = (r["ratio_to_products"], r["products_spread"])
            found[key + ", to no norm"] = (r["ratio_to_no_norm"], r["spread"])
        return found

    before, now = ratios(older), ratios(folder)
    moved = 0
    for key in sorted(before.keys() & now.keys()):
        change = now[key][0] / before[key][0] - 1
        if abs(change) > 0.05 + before[key][1] + now[key][1]:
            print(f"{key}: {before[key][0]:.2f} -> {now[key][0]:.2f} ({'slower' if change > 0 else 'faster'})")
            moved += 1
    print(f"{len(before.keys() & now.keys())} ratios compared, {moved} moved")


def main():
    words = sys.argv[1:]
    if len(words) == 3 and words[1] == "--into":
        put_into(words[0], words[2])
        draw_race(words[0], words[2])
    elif len(words) == 3 and words[1] == "--against":
        compare(words[0], words[2])
    elif len(words) == 1:
        print("\n".join(f"## {name}\n\n{make(words[0])}" for name, make in TABLES.items()))
    else:
        sys.exit(__doc__.strip())


if __name__ == "__main__":
    main()
