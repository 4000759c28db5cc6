"""What training leaves beside the weights: objects that the engine must carry along and never make.  The classes are stubs
of our own under the names that mmengine and others give theirs; only how Python pickles them matters."""
import collections, datetime, decimal, enum, functools, os, pathlib, sys, types
import numpy as np
import torch


def module_of(name, **members):
    """A module called `name`, so that a pickle says where its classes come from."""
    for i in [i for i, c in enumerate(name) if c == '.'] + [len(name)]:
        sys.modules.setdefault(name[:i], types.ModuleType(name[:i]))
    module = sys.modules[name]
    for key, value in members.items():
        value.__module__, value.__qualname__ = name, key
        for function in (f for f in vars(value).values() if isinstance(f, types.FunctionType)):
            function.__module__, function.__qualname__ = name, f'{key}.{function.__name__}'
        setattr(module, key, value)


class HistoryBuffer:
    """mmengine's: two arrays, and functions of its class by name."""

    def __init__(self, history):
        self._max_length = 1000000
        self._log_history, self._count_history = np.array(history), np.ones(len(history), dtype=np.int64)
        self._statistics_methods = {'mean': HistoryBuffer.mean, 'current': HistoryBuffer.current}

    def mean(self):
        return self._log_history.mean()

    def current(self):
        return self._log_history[-1]


class ConfigDict(dict):
    """A dict by another name, made by NEWOBJ."""


class StateDict(collections.OrderedDict):
    """An OrderedDict by another name, made by REDUCE, with an attribute of its own."""


class Phase(enum.Enum):
    TRAIN, TEST = 'train', 'test'


class Slots:
    """What needs more than a dict to be restored."""
    __slots__ = ('a', 'b')

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __getnewargs_ex__(self):
        return (), {'a': self.a, 'b': self.b}

    def __new__(cls, *arguments, **named):
        return object.__new__(cls)


class Shell:
    """Python's own reader would run the command."""

    def __reduce__(self):
        return os.system, ('touch scenescope-was-here',)


module_of('mmengine.logging.history_buffer', HistoryBuffer=HistoryBuffer)
module_of('mmengine.config.config', ConfigDict=ConfigDict)
module_of('trainer.state', StateDict=StateDict, Phase=Phase, Slots=Slots)


def optimizer_states():
    net = torch.nn.Linear(2, 1)
    with torch.no_grad():
        net.weight.fill_(.5), net.bias.fill_(.25)
    out = {}
    for name, kind in (('SGD', functools.partial(torch.optim.SGD, momentum=.9)), ('Adam', torch.optim.Adam)):
        optimizer = kind(net.parameters(), lr=.1)
        net(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        out[name] = optimizer.state_dict()
    return out


def leftovers():
    """A dict of all of it, in the order in which mmengine has its members; the weights come last."""
    circle = ['a list that holds itself']
    circle.append(circle)
    scalars = collections.OrderedDict((n, HistoryBuffer(h)) for n, h in (('train/loss', [2.5, 1.25]), ('val/mIoU', [.5])))
    return {
        'meta': ConfigDict(epoch=np.int64(3), best=np.float64(.5), lr=np.float32(.01), fine=np.bool_(True),
                           time=datetime.datetime(2024, 2, 29, 12, 30), seed=None, cfg='model = dict()'),
        'message_hub': {'log_scalars': scalars, 'resumed_keys': {'train/loss': True}, 'runtime_info': collections.OrderedDict(
            last_ckpt=pathlib.PurePosixPath('work/epoch_3.pth'), loop=Phase.TRAIN, matrix=np.eye(2, dtype=np.float16),
            text=np.array(['road', 'sky']), nothing=np.zeros((0, 3)), words=np.array(['a', None], dtype=object))},
        'optimizer': optimizer_states(),
        'param_schedulers': [collections.defaultdict(list, milestones=[1, 2]), collections.Counter('aab'),
                             collections.deque([1, 2], 3), types.SimpleNamespace(x=1)],
        'odds': (1 << 100, -(1 << 70), 1e308, 'größe', b'\0\xff', bytearray(b'ab'), {1, 2}, frozenset('a'), 1 + 2j, ...,
                 decimal.Decimal('1.5'), Slots(1, 'b'), functools.partial(int, base=2), range(3), slice(1, None),
                 int, len, circle, Shell(), torch.device('cpu'), torch.float16, torch.Size([1, 2]), 'x' * 300),
    }


def state_dict(tensors):
    out = StateDict(tensors)
    out.version = 2
    return out
