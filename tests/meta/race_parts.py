# SPDX-License-Identifier: Apache-2.0
"""The race's own code without any library: turns, results, standings, tables and pictures. usage: race_parts.py FOLDER"""

import io
import json
import os
import sys
import xml.etree.ElementTree
from contextlib import redirect_stderr

sys.path[:0] = ["bench", "bench/peers"]
import contenders
import picture
import race
import report
import standings

FOLDER = sys.argv[1]
JOB = {"job": "kernel", "kernel": "forward-train", "shape": "4x2x2x8", "layout": "nhwc", "dtype": "f32", "threads": 1}

# Answers as worker.py does, at a speed of its own choice; ends after so many questions, and can be unable or wrong.
FAKE = '''
import json, sys
name, us, left, mood = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
for line in sys.stdin:
    question = json.loads(line)
    if "hello" in question: answer = {"name": name}
    elif "prepare" in question: answer = {"error": "ValueError: y differs"} if mood == "wrong" else {"able": mood != "unable"}
    else: answer = {"seconds": question["run"] * us * 1e-6}
    left -= 1
    if left == 0: break
    print(json.dumps(answer), flush=True)
'''


def fake(name, us, left=-1, mood="able"):
    program = os.path.join(FOLDER, "fake.py")
    with open(program, "w") as file:
        file.write(FAKE)
    return contenders.Worker(name, [sys.executable, program, name, str(us), str(left), mood], os.path.join(FOLDER, "fake.log"))


def near(found, wanted):
    assert abs(found - wanted) < 1e-9 * abs(wanted), f"{found} instead of {wanted}"


def fails(call, words):
    try:
        call()
    except contenders.Failed as problem:
        assert words in str(problem), problem
        return
    raise AssertionError(f"nothing failed with '{words}'")


def test_turns():
    """Who cannot, is wrong or ends is left out, in words; the others have their medians and ratios."""
    field = [fake("evenkeel", 10), fake("Fast 1.0", 5), fake("Slow 2", 40), fake("Unable", 1, mood="unable"),
             fake("Wrong", 1, mood="wrong"), fake("Mortal", 1, left=14)]
    said = io.StringIO()
    with redirect_stderr(said):
        results = race.race(JOB, field, rounds=4, sample_s=0.001)
    for worker in field:
        worker.close()
    assert [r["contender"] for r in results] == ["evenkeel", "Fast 1.0", "Slow 2"], results
    for result, times in zip(results, (1, 0.5, 4)):
        near(result["us"], 10 * times)
        near(result["times_evenkeel"], times)
        assert result["rounds"] == 4 and result["shape"] == JOB["shape"]
    assert said.getvalue().count("left out") == 2 and "y differs" in said.getvalue() and "it ended" in said.getvalue()
    ours = fake("evenkeel", 1, mood="wrong")
    fails(lambda: race.race(JOB, [ours], 1, 0.001), "y differs")
    ours.close()


def test_samples_last():
    worker = fake("evenkeel", 3)
    assert worker.prepare(JOB, 0.0009) and worker.calls == 300, worker.calls
    near(worker.sample(), 3)
    worker.close()


def results_of(shape, layout, threads, **others):
    """A race in which we take 100 us."""
    job = dict(JOB, shape=shape, layout=layout, threads=threads)
    times = {"evenkeel": 1.0} | {name.replace("_", " "): ratio for name, ratio in others.items()}
    return [dict(job, contender=name, us=100 * ratio, times_evenkeel=ratio, spread=0.01, rounds=20)
            for name, ratio in times.items()]


def some_results():
    return (results_of("32x7x7x512", "nhwc", 1, oneDNN_2=4.0, PyTorch_2_eager=2.0, PyTorch_2_compiled=8.0)
            + results_of("32x7x7x512", "nhwc", 2, oneDNN_2=3.0) + results_of("60x100", "nhwc", 1, oneDNN_2=0.5)
            + results_of("8x13x27x65", "nhwc", 1, oneDNN_2=0.96) + results_of("60x100", "nchw16c", 1))


def test_results_gather():
    path = os.path.join(FOLDER, "gathered.json")
    first = standings.merge(standings.load(path), some_results(), {"cpu": "X"})
    standings.save(path, first)
    again = standings.merge(standings.load(path), results_of("60x100", "nhwc", 1, TensorFlow_2=7.0), None)
    assert again["machine"] == {"cpu": "X"}
    assert len(again["results"]) == len(first["results"]), "a race comes in place of the older one"
    found = {r["contender"] for r in again["results"] if r["shape"] == "60x100" and r["layout"] == "nhwc"}
    assert found == {"evenkeel", "TensorFlow 2"}, found
    assert standings.load(path) == first, "what is saved is what is loaded"


def test_standings():
    found = standings.standings(some_results() + [{"job": "mlp", "batch": 60, "contender": "evenkeel"}])
    assert len(found) == 4, "a race without others has no standing"
    assert found[0].peer == "PyTorch 2 eager" and found[0].ratio == 2.0 and found[0].us == 100
    by_key = {(m.layout, m.threads): m for m in standings.means(found)}
    near(by_key["nhwc", 1].ratio, (2 * 0.5 * 0.96) ** (1 / 3))
    near(by_key["all", 2].ratio, 3)
    assert [s.shape for s in by_key["nhwc", 1].slower] == ["60x100"], "5 % is noise"


def test_jobs():
    sys.argv[1:] = ["kernels"]
    jobs = race.jobs_of("kernels", race.read_arguments())
    assert len(jobs) == 3 * (3 * 11 + 2 * 3), len(jobs)
    assert len({standings.key_of(job) for job in jobs}) == len(jobs)
    sys.argv[1:] = ["--shape", "6x4", "--layout", "nchw", "--kernel", "backward-frozen", "--threads", "3"]
    arguments = race.read_arguments()
    assert arguments.what == ["mlp", "kernels"] and race.thread_counts("kernels", arguments) == [3]
    assert [job["kernel"] for job in race.jobs_of("kernels", arguments)] == ["backward-frozen"]


def kernels_document():
    return {"results": [dict(kernel="forward-train", shape=[int(size) for size in shape.split("x")], layout="nhwc", dtype="f32",
                             fuse="none", cold=False, threads=threads, ratio=1.25)
                        for shape in ("32x7x7x512", "60x100", "8x13x27x65") for threads in (1, 2)]}


def test_report():
    for name, document in (("peers", {"machine": None, "results": some_results()}), ("kernels", kernels_document())):
        with open(os.path.join(FOLDER, name + ".json"), "w") as file:
            json.dump(document, file)
    rows = report.peers_means_table(FOLDER).splitlines()
    assert "| forward-train | nhwc | 1 | 3 | 0.99 | 2.5 | 60x100: oneDNN 2 0.50 |" in rows, rows
    rows = report.peers_kernels_table(FOLDER).splitlines()
    both = "| forward-train 32x7x7x512 | nhwc | 100.0 | PyTorch 2 eager | 2.00 | 1.0 % | 100.0 | oneDNN 2 | 3.00 | 1.0 % |"
    assert both in rows, rows
    report.draw_race(FOLDER, os.path.join(FOLDER, "benchmarks.md"))
    for name in ("race-1.svg", "race-all.svg"):
        with open(os.path.join(FOLDER, name)) as file:
            drawn = file.read()
        assert len(drawn) < 100_000
        assert xml.etree.ElementTree.fromstring(drawn).tag.endswith("svg")


def test_picture():
    kernels = kernels_document()["results"]
    points = picture.ratios(kernels, some_results(), 1)["forward-train", "nhwc"]
    assert points["32x7x7x512"] == {"evenkeel": 1.25, "oneDNN": 5.0, "PyTorch": 2.5}, "of a library's variants the fastest"
    assert points["60x100"]["oneDNN"] == 0.625
    drawn = picture.draw(kernels, some_results(), 1)
    assert drawn == picture.draw(kernels, some_results(), 1)
    assert drawn.count("<path class=\"oneDNN\"") == 4, "one in the legend"
    assert picture.draw(kernels, some_results(), 7) is None and picture.draw([], some_results(), 1) is None
    scale = picture.Scale([0.6, 5.0])
    assert scale.ticks() == [0.5, 1, 2, 4, 8] and scale.x(0.5) == 0 and scale.x(8) == picture.PANEL


os.makedirs(FOLDER, exist_ok=True)
for name, test in [(name, value) for name, value in globals().items() if name.startswith("test_")]:
    test()
    print("ok", name)
