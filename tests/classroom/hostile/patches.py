"""Changing what judges: everything in the kernel that can be replaced, replaced."""

from hostile.sheet import hostile

# A dishonest agent: answers whatever it is asked by calling `lie(request)`.
LIAR = """
import emkit.workshop.bench.agent as agent
from emkit.workshop.bench.parcel import pack, unpack
import struct
NAMES = {'double': ['x'], 'half': ['x'], 'third': ['x'],
         'log_gaussian': ['X', 'mean', 'covariance'],
         'log_joint': ['X', 'weights', 'means', 'covariances']}
def answer(self, message):
    request = unpack(message, callable_by=lambda place: place)
    if request['do'] == 'look':
        self.line.send(pack({'description': 'a function', 'callable': True,
            'parameters': NAMES[request['name']], 'variables': [], 'ignored': []}))
    else:
        lie(request, self.line)
agent.Agent.answer = answer
"""


@hostile
def drops_assertions(sheet):
    """An input hook takes the assertions out of every cell."""
    sheet.first("""
def without(lines): return [line for line in lines if not line.startswith(('assert', 'check'))]
get_ipython().input_transformers_cleanup.append(without)
get_ipython().input_transformers_post.append(without)
""")


@hostile
def runs_nothing_any_more(sheet):
    """Every way to run a cell does nothing and says 'ok'."""
    sheet.first("""
from IPython.core.interactiveshell import InteractiveShell
async def nothing(self, *args, **kwargs): return False
InteractiveShell.run_code = nothing
InteractiveShell.run_ast_nodes = nothing
type(get_ipython()).run = lambda self, source, count: None
""")


@hostile
def shows_no_errors(sheet):
    """Errors are neither shown nor reported; every result is the full mark."""
    sheet.first("""
from IPython.core.interactiveshell import InteractiveShell
shell = type(get_ipython())
shell.showtraceback = shell._showtraceback = lambda *args, **kwargs: None
shell.showsyntaxerror = shell.showtraceback
import sys
sys.displayhook = lambda value: print(2)
""")


@hostile
def patches_numpy_and_python(sheet):
    """Comparisons, sums and assertions of NumPy's and Python's all agree."""
    sheet.first("""
import builtins, numpy as np, numpy.testing
for name in dir(np.testing):
    if name.startswith('assert'): setattr(np.testing, name, lambda *args, **kwargs: None)
np.allclose = np.array_equal = lambda *args, **kwargs: True
np.isclose = lambda a, b, **kwargs: np.ones(np.shape(b), bool)
builtins.all = builtins.any = lambda things: True
builtins.abs = lambda x: 0
class AssertionError(BaseException):
    def __new__(cls, *args): return SystemExit(0)
builtins.AssertionError = AssertionError
""")


@hostile
def patches_the_course(sheet):
    """`check` and all that it is made of pass everything."""
    sheet.first("""
import emkit.workshop, emkit.workshop.bench.run, emkit.workshop.bench.contract
check = emkit.workshop.check = lambda *args, **kwargs: print('passed')
emkit.workshop.bench.run.run = lambda *args, **kwargs: None
emkit.workshop.bench.contract.look_at = lambda *args, **kwargs: None
""")


@hostile
def brings_its_own_modules(sheet):
    """Files named as the packages that tests import lie beside the notebook."""
    for name in ("numpy", "pytest", "emkit", "nbgrader_config", "sitecustomize", "conftest"):
        path = sheet.folder.joinpath(f"{name}.py")
        path.write_text(f"open({str(sheet.loot['untouched'])!r}, 'w').write('x')")


@hostile
def lets_the_agent_do_nothing(sheet):
    """The agent comes back at once, without having answered."""
    sheet.first(
        "import emkit.workshop.bench.agent as agent\nagent.Agent.answer = lambda *message: None"
    )


@hostile
def answers_with_what_equals_everything(sheet):
    """Answers are objects that compare as equal, true, close and small to anything."""
    sheet.first("""
class Anything(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __array__(self, *args, **kwargs): return self
    __sub__ = __rsub__ = __abs__ = __add__ = __mul__ = lambda self, *other: self
    __hash__ = float.__hash__
""")
    for name in ("double", "half", "third"):
        sheet.answer(name, f"def {name}(x):\n    return Anything(0)")


@hostile
def answers_with_a_false_array(sheet):
    """Answers are arrays of a class of its own, whose comparisons always hold."""
    sheet.first("""
class Always(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs): return np.True_
    def __eq__(self, other): return True
    def __bool__(self): return True
""")
    for name in ("double", "half", "third"):
        sheet.answer(name, f"def {name}(x):\n    return np.zeros(1).view(Always)")
    sheet.answer("log_gaussian", "def log_gaussian(X, mean, covariance):\n"
                 "    return np.zeros(len(X)).view(Always)")  # fmt: skip


@hostile
def answers_with_nothing_but_nan(sheet):
    """NaN is neither less nor more than any tolerance."""
    for name in ("double", "half", "third"):
        sheet.answer(name, f"def {name}(x):\n    return float('nan')")
    sheet.answer("log_gaussian", "def log_gaussian(X, mean, covariance):\n"
                 "    return np.full(len(X), np.nan)")  # fmt: skip


@hostile
def keeps_what_stood_in(sheet):
    """Its `log_joint` keeps the right `log_gaussian` that it is given, for the test of that one."""
    sheet.answer("log_gaussian", "kept = []\ndef log_gaussian(X, mean, covariance):\n"
                 "    return kept[0](X, mean, covariance)")  # fmt: skip
    sheet.answer(
        "log_joint",
        "def log_joint(X, weights, means, covariances):\n"
        "    kept.append(globals()['log_gaussian'])\n"
        "    return np.zeros((len(X), len(weights)))",
    )
    tests = [c for c in sheet.notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    for test in tests[:-1]:  # that of log_joint comes first now
        sheet.notebook.cells.remove(test)
        sheet.notebook.cells.append(test)


@hostile
def asks_the_judge_for_its_own_answer(sheet):
    """The agent asks for the right version of the very function that is tried."""
    sheet.first(
        LIAR
        + """
def lie(request, line):
    for what in [request['name'], 'correct', '__class__', '__globals__', 0, 1, 2, -1, None, True]:
        line.send(pack({'ask': what, 'args': (), 'kwargs': request['inputs']}))
        reply = unpack(line.receive(), callable_by=lambda place: place)
        if 'answer' in reply:
            return line.send(pack(reply))
    line.send(pack({'answer': 0}))
"""
    )


@hostile
def asks_for_ever(sheet):
    """The agent never answers, but asks the judge one thing after another."""
    sheet.first(
        LIAR
        + """
import signal
def lie(request, line):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        line.send(pack({'ask': 'log_gaussian', 'args': (), 'kwargs': {}}))
        line.receive()
"""
    )


@hostile
def asks_for_too_much(sheet):
    """The agent asks the judge's right answers for a result that no memory holds."""
    sheet.first(
        LIAR
        + """
def lie(request, line):
    many, wide = np.zeros((2**22, 1)), np.zeros(2**12)
    for _ in range(3):
        line.send(pack({'ask': 'log_gaussian', 'args': (many, wide, np.eye(1)), 'kwargs': {}}))
        line.receive()
    line.send(pack({'answer': 0}))
"""
    )


@hostile
def never_answers(sheet):
    """The agent takes what it is asked, ignores interrupts and stays silent."""
    sheet.first(
        LIAR
        + """
import signal, time
def lie(request, line):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: time.sleep(100)
"""
    )


@hostile
def answers_endlessly(sheet):
    """The agent promises a message without end, and then a long one of small things."""
    sheet.first(
        LIAR
        + """
def lie(request, line):
    if request['name'] == 'double':
        connection = line.line.connection
        connection.sendall(struct.pack('<Q', 2**63))
        while True: connection.sendall(bytes(2**20))
    text = b'{"list":[' + b'{"list":[]},' * (2**27 // 12) + b'0]}'
    line.send(struct.pack('<I', len(text)) + text)
"""
    )


@hostile
def answers_with_odd_things(sheet):
    """The agent's replies are of no known kind: wrong types, wild indices, lies about time."""
    sheet.first(
        LIAR
        + """
import json
def raw(text, *buffers):
    text = text.encode()
    return struct.pack('<I', len(text)) + text + b''.join(buffers)
def reply(answer): return '{"dict":[{"tuple":["answer",' + answer + ']}]}'
ODD = iter([
    reply('{"same":0}'), reply('{"same":-1}'), reply('{"function":0}'), reply('{"same":99}'),
    reply('{"__init__":0}'), reply('{"kept":1}'), reply('9' * 5000), reply('1e999'), reply('NaN'),
    reply('{"array":["O",[1]]}'), reply('{"array":["(99,)f8",[1]]}'),
    reply('{"array":["f8",[-1]]}'),
    reply('{"csr":[true,[2,2],{"array":["f8",[0]]},{"array":["i8",[0]]},{"array":["i8",[0]]}]}'),
    reply('{"generator":{"bit_generator":"MT19937","state":0}}'), '[' * 10**5, '"text"', '{}',
    reply('{"list":[' * 900 + ']}' * 900), reply('{"foreign":"' + 'x' * 10**7 + '"}'),
    '{"dict":[{"tuple":["raised",{"tuple":["KeyboardInterrupt","x"]}]}]}',
    '{"dict":[{"tuple":["raised",{"tuple":["StopIteration","x"]}]}]}',
    '{"dict":[{"tuple":["seconds",-1e300]},{"tuple":["answer",0.5]}]}',
    '{"dict":[{"tuple":["seconds",NaN]},{"tuple":["peak",-1]},{"tuple":["used",0]}]}',
    '{"dict":[{"tuple":["missing",true]}]}', '{"dict":[{"tuple":["unwritten",7]}]}',
    '{"dict":[{"tuple":["value",true]}]}', '{"dict":[{"tuple":[{"list":[]},1]}]}',
    '{"dict":[{"tuple":["ask",{"list":[]}]}]}', '',
])
def lie(request, line):
    line.send(raw(next(ODD, '')))
"""
    )
    # One odd reply for each copy of a wrong answer's call.
    sheet.says("each call of a function gets the next odd reply")


@hostile
def lies_about_errors(sheet):
    """Every call 'raises' what a test might take for right, skipped or not run."""
    sheet.first(
        LIAR
        + """
def lie(request, line):
    line.send(pack({'raised': ('KeyboardInterrupt', 'x'), 'said': 'x' * 10**6, 'problem': None}))
"""
    )


@hostile
def profiles_and_traces(sheet):
    """A profiler and a tracer change values of whatever frame runs, and stop the clock."""
    sheet.first("""
import signal, sys, threading, time
def spy(frame, event, argument):
    for name in ('expected', 'right', 'allowed', 'limit', 'problem'):
        if name in frame.f_locals: frame.f_locals[name] = None
    return spy
sys.setprofile(spy); threading.setprofile(spy)
signal.setitimer = lambda *args: None
time.perf_counter = time.monotonic = lambda: 0.0
""")
