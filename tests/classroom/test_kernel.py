"""A notebook's shell in another process: what its cells show, what ends them, and what follows."""

import json
import os
import time

import pytest

from emkit.classroom import kernel
from emkit.classroom.kernel import Gone, Kernel, Unprotected
from emkit.classroom.outputs import MEGABYTE, Outputs
from emkit.workshop.bench.line import Closed
from emkit.workshop.bench.parcel import pack, unpack


class Notebook:
    """Cells run one after the other."""

    def __init__(self, folder, most=4 * MEGABYTE):
        self.process = Unprotected(folder)
        self.outputs = Outputs(most)
        self.kernel = Kernel(self.process, self.outputs.show)
        self.count = 0

    def run(self, source, seconds=60):
        """What a cell shows."""
        self.count += 1
        shown = []
        self.outputs.begin(shown)
        self.in_time = self.kernel.run(source, self.count, seconds)
        return shown

    def said(self, source, seconds=60):
        """What a cell shows, in a line."""
        return " | ".join(map(in_a_word, self.run(source, seconds)))


def in_a_word(output):
    """An output's text, and what kind it is where it isn't printed."""
    kind = output.output_type
    if kind == "stream":
        return f"{output.name}: {output.text}" if output.name == "stderr" else output.text
    if kind == "error":
        return f"{output.ename}: {output.evalue}"
    return " ".join(sorted(output.data)) if len(output.data) > 1 else output.data["text/plain"]


@pytest.fixture
def notebook(tmp_path):
    notebook = Notebook(tmp_path)
    yield notebook
    notebook.process.end()


def test_cells_show_what_they_show_in_any_notebook(notebook):
    assert notebook.said("print('a')\nx = 3\nx") == "a\n | 3"
    assert notebook.said("x;") == ""
    assert notebook.said("None") == ""
    assert notebook.said("_ + 1, In[1][:5], Out[1]") == "(4, 'print', 3)"
    assert notebook.said("1 / 0") == "ZeroDivisionError: division by zero"
    assert notebook.said("def f(:").startswith("SyntaxError")
    assert "In[7]" in notebook.run("1 / 0")[0].traceback[2]
    assert notebook.said("import sys\nprint(1); print(2, file=sys.stderr); print(3)") == (
        "1\n | stderr: 2\n | 3\n"
    )
    assert notebook.said("await __import__('asyncio').sleep(0)\n'done'") == "'done'"
    assert notebook.said("from IPython.display import HTML\nHTML('<b>1</b>')") == (
        "text/html text/plain"
    )


def test_pictures_come_with_their_cell_and_their_size(notebook):
    plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    (picture,) = notebook.run(plot)
    assert picture.data["image/png"].startswith("iVBOR")
    assert notebook.said("f = lambda: plt.plot([1, 2]) and None\nf()") == "image/png text/plain"


def test_a_picture_that_a_judged_function_leaves_is_shown_with_its_test(notebook):
    notebook.run("import matplotlib.pyplot as plt\ndef f():\n    plt.plot([1, 2])")
    shown = []
    notebook.outputs.begin(shown)
    assert asked(notebook.kernel, "f")["answer"] is None
    notebook.kernel.settle()
    assert "image/png" in shown[0].data


def test_drawing_what_a_judged_function_leaves_may_take_its_time(notebook, monkeypatch):
    monkeypatch.setattr(kernel, "PATIENCE", 0.2)
    slow = "class Slow(Text):\n    def draw(self, renderer): time.sleep(1)"
    leave = "def f():\n    plt.gca().add_artist(Slow(0, 0, ''))"
    imports = "import time, matplotlib.pyplot as plt\nfrom matplotlib.text import Text"
    notebook.run(f"%matplotlib inline\n{imports}\n{slow}\n{leave}")
    shown = []
    notebook.outputs.begin(shown)
    asked(notebook.kernel, "f")
    notebook.kernel.settle()
    assert [in_a_word(output) for output in shown] == ["image/png text/plain"]


def asked(kernel, name, seconds=60):
    """What the shell says to a judge who calls a function."""
    kernel.judged_until = time.monotonic() + seconds
    request = {"do": "call", "name": name, "inputs": {}, "rest": (), "stand_ins": []}
    kernel.send(pack(request | {"limit": None, "measured": False}))
    return unpack(kernel.receive(seconds))


def test_pictures_come_as_bytes_too(notebook):
    picture = "class Picture:\n    def _repr_png_(self): return b'\\x89PNG', {'width': np.int64(3)}"
    (shown,) = notebook.run(f"import numpy as np\n{picture}\nPicture()")
    assert shown.data["image/png"] == "iVBORw=="
    assert shown.metadata["image/png"] == {"width": 3}


@pytest.mark.parametrize("magic", ["autosave 60", "clear", "less file.py", "man ls", "store -z"])
def test_all_magics_of_a_notebook_leave_the_rest_of_their_cell_alone(notebook, magic):
    assert notebook.said(f"%{magic}\n3") == "3"


def test_what_other_programs_print_is_shown(notebook):
    assert notebook.said("import os\nos.system('echo one')\nprint('two')") == "two\none\n"
    assert notebook.said("print('three')") == "three\n"
    assert "four" in notebook.said("!echo four")


def test_shown_things_can_be_changed_and_cleared(notebook):
    first = notebook.run("shown = display('old', display_id=True)")
    assert notebook.said("shown.update('new')") == ""
    assert in_a_word(first[0]) == "'new'"
    clear = "from IPython.display import clear_output\nprint(1)\nclear_output({})\n"
    assert notebook.said(clear.format("wait=True") + "print(2)") == "2\n"
    assert notebook.said(clear.format("")) == ""
    assert notebook.said(clear.format("wait=True")) == "1\n"


def test_nobody_answers_a_question(notebook):
    assert "EOFError" in notebook.said("input('your name? ')")


def test_processes_that_a_cell_forks_show_their_own_only(notebook):
    fork = (
        "import os\nprint('before')\nchild = os.fork()\nprint('child' if child == 0 else 'parent')"
        "\nif child: os.waitpid(child, 0)"
    )
    lines = notebook.said(fork).split()
    assert sorted(lines) == ["before", "child", "parent"]
    assert notebook.said("print(os.getppid() > 0)") == "True\n"


def test_processes_show_much_at_once_and_what_they_showed_before_they_were_ended(notebook):
    notebook.outputs.most = 64 * MEGABYTE
    say = "from multiprocessing import Pool\ndef say(x): print(x * 100_000 + '\\n', end='')"
    notebook.run(f"{say}\nwith Pool(4) as pool: pool.map(say, 40 * 'abcd')")
    lines = notebook.said("with Pool(4) as pool: pool.map(say, 40 * 'abcd')").split()
    assert sorted(lines) == sorted(40 * [x * 100_000 for x in "abcd"])


def test_processes_can_be_forked_while_a_thread_shows_something(notebook):
    fork = """
import os, threading, time
def chatter():
    while not done: print('thread ', end='')
done = False
thread = threading.Thread(target=chatter)
thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0: print('child'); os._exit(0)
    os.waitpid(child, 0)
done = True
thread.join()
"""
    shown = notebook.said(fork, seconds=20)
    assert notebook.in_time
    assert shown.count("child") == 20


def test_cells_run_in_an_event_loop(notebook):
    notebook.run("import asyncio\nasync def wait(s=0): await asyncio.sleep(s); return 5")
    assert notebook.said("task = asyncio.create_task(wait())") == ""
    assert notebook.said("await task") == "5"
    assert notebook.said("get_ipython().run_cell('6').result") == "6 | 6"
    assert "KeyboardInterrupt" in notebook.said("await wait(60)", seconds=1)
    assert "CancelledError" in notebook.said("task.cancel(); raise asyncio.CancelledError")
    assert "SystemExit" in notebook.said("import sys\nsys.exit()")
    assert notebook.said("await wait()") == "5"


def test_a_cell_that_takes_too_long_is_interrupted_and_the_next_one_runs(notebook):
    notebook.run("x = 1")
    assert "KeyboardInterrupt" in notebook.said("print('here')\nwhile True: pass", seconds=1)
    assert not notebook.in_time
    assert notebook.said("x") == "1"
    assert notebook.in_time


def test_a_flood_of_text_is_interrupted_between_messages(notebook):
    for _ in range(5):
        notebook.outputs.size = 0
        notebook.run("import time\nend = time.time() + 1\nwhile True: print(time.time(), end='')",
                     seconds=0.2)  # fmt: skip
        assert notebook.said("'next'") == "'next'"


def test_a_message_that_has_begun_when_the_time_is_up_is_read_to_its_end(notebook):
    shown = '{"output_type": "stream", "name": "stdout", "text": "slow"}'
    parts = "import os, struct, sys, time\nline = int(sys.argv[1])\n"
    parts += f"message = b's' + {shown.encode()!r}\nos.write(line, struct.pack('<Q', len(message)))"
    rest = "time.sleep(1)\nos.write(line, message)\ntime.sleep(60)"
    said = notebook.said(f"{parts}\n{rest}", seconds=0.5)
    assert said.startswith("slow")
    assert "KeyboardInterrupt" in said
    assert notebook.said("'next'") == "'next'"


@pytest.mark.parametrize(
    ("cell", "what", "seconds"),
    [
        ("import os; os._exit(0)", "ended", 60),
        ("exit()", "ended", 60),
        ("import os; os.close(int(__import__('sys').argv[1]))", "ended", 60),
        ("import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
         "didn't answer any more", 1),
        ("while True: print('x' * 10**6)", "showed too much", 60),
    ],
)  # fmt: skip
def test_what_ends_a_kernel_is_told(notebook, cell, what, seconds):
    with pytest.raises(Gone, match=what):
        notebook.run(cell, seconds)


def test_an_ended_kernel_is_noticed_at_once_though_its_children_live(notebook):
    began = time.monotonic()
    with pytest.raises(Gone, match="ended"):
        notebook.run("import os, subprocess\nsubprocess.Popen(['sleep', '60'])\nos._exit(0)")
    assert time.monotonic() - began < 30


def test_after_a_function_that_never_returns_the_next_cell_runs(notebook):
    notebook.run("def f():\n    while True: pass\ndef g(): return 5")
    with pytest.raises(Exception, match=r"^$"):
        asked(notebook.kernel, "f", seconds=0.5)
    notebook.kernel.settle()
    assert notebook.said("g()") == "5"
    assert asked(notebook.kernel, "g")["answer"] == 5


def test_a_judge_who_goes_without_answering_is_told_nothing_late(notebook):
    notebook.run("def f(g):\n    try: g()\n    except Exception: return 'late'\ndef h(): return 5")
    notebook.kernel.judged_until = time.monotonic() + 60
    request = {"do": "call", "name": "f", "inputs": {"g": lambda: 1}, "rest": (), "stand_ins": []}
    notebook.kernel.send(pack(request | {"limit": None, "measured": False}, []))
    assert "ask" in unpack(notebook.kernel.receive(60))
    notebook.kernel.settle()
    assert asked(notebook.kernel, "h")["answer"] == 5


def test_a_question_that_cannot_be_answered_is_given_up(notebook):
    notebook.run("def f(): return 5")
    notebook.kernel.judged_until = time.monotonic() + 60
    notebook.kernel.send(b"nonsense")
    with pytest.raises(Closed):
        notebook.kernel.receive(60)
    notebook.kernel.settle()
    assert asked(notebook.kernel, "f")["answer"] == 5


def test_the_process_and_what_it_started_end(tmp_path):
    notebook = Notebook(tmp_path)
    child = int(notebook.said("import subprocess\nsubprocess.Popen(['sleep', '600']).pid"))
    notebook.process.end()
    for process in (child, notebook.process.process.pid):
        end = time.monotonic() + 10
        while alive(process) and time.monotonic() < end:
            time.sleep(0.01)
        assert not alive(process)


def alive(number):
    """Whether a process runs."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{number}/stat") as told:
        return told.read().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def shown():
    """Outputs, and the list that they go to."""
    outputs, cell = Outputs(1000), []
    outputs.begin(cell)
    return outputs, cell


@pytest.mark.parametrize(
    "message",
    [
        "", "{", "[]", "3", "{}", '{"output_type": 3}', '{"output_type": "comm_open"}',
        '{"output_type": "stream", "name": "stdout", "text": 3}', '{"output_type": "stream"}',
        '{"output_type": "error", "ename": "x", "evalue": "y", "traceback": 7}',
        '{"output_type": "error", "ename": "x", "evalue": "y", "traceback": [7]}',
        '{"output_type": "display_data", "data": "x"}',
        '{"output_type": "display_data", "data": {"text/plain": {}}}',
        '{"output_type": "display_data", "data": {"application/javascript": "alert(1)"}}',
        '{"output_type": "update_display_data", "display_id": "x", "data": {}}',
        "[" * 990, "9" * 990, b"\xff",
    ],
)  # fmt: skip
def test_malformed_outputs_are_left_out(shown, message):
    outputs, cell = shown
    outputs.show(message)
    assert cell == []


def test_of_an_output_only_what_a_page_can_show_is_kept(shown):
    outputs, cell = shown
    data = {"text/plain": "\ud800", "text/html": "x", "application/javascript": "alert(1)"}
    metadata = {"text/html": {"width": 3, "height": 1e999, "isolated": {}}, "x": 1}
    told = {"output_type": "display_data", "data": data, "metadata": metadata, "more": 1}
    outputs.show(json.dumps(told))
    assert cell == [
        {
            "output_type": "display_data",
            "data": {"text/plain": "?", "text/html": "x"},
            "metadata": {"text/html": {"width": 3}},
        }
    ]


def test_too_much_is_left_out_and_far_too_much_ends_it(shown):
    outputs, cell = shown
    text = json.dumps({"output_type": "stream", "name": "stdout", "text": "x" * 400})
    for _ in range(5):
        outputs.show(text)
    assert cell[0].text.count("x") == 800
    assert cell[0].text.endswith("MB: the rest is left out)")
    with pytest.raises(Gone, match="showed too much"):
        outputs.show(5 * text)
