#!/usr/bin/env python3
"""Networks that are saved whole, not as state dicts (Debian: python3-torch).

usage: whole.py GOLDEN_DIR

Reads the weights of pyramid18.pth and smp18plain.pth there and writes, in float16,

    whole_pyramid18.pth   {'epoch', 'model': DataParallel, 'optimizer'}, zip
    whole_smp18plain.pth  the network alone, as segmentation_models.pytorch nests its modules, legacy

so that both compute what NAME.golden.safetensors says.  make-checkpoints.py takes its small networks from here."""
import collections, copyreg, importlib, io, os, sys, types
from unittest import mock
import torch
import torch.nn as nn
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pspnet import PSPNet


def saved(thing, legacy=False, location='cpu', **how):
    """What torch.save writes.  The legacy format takes the source of each class along: here always the same two lines."""
    out, source = io.BytesIO(), (['class Some:\n', '    pass\n'], 1, 'some.py')
    with mock.patch('torch.serialization.get_source_lines_and_file', lambda kind: source), \
            mock.patch('torch.serialization.location_tag', lambda storage: location):
        torch.save(thing, out, _use_new_zipfile_serialization=not legacy, **how)
    return out.getvalue()


def _rebuild_parameter_with_state(data, requires_grad, backward_hooks, state):
    """PyTorch 2's, which 1.13 does not have."""
    return torch._utils._rebuild_parameter(data, requires_grad, backward_hooks)


_rebuild_parameter_with_state.__module__ = 'torch._utils'
torch._utils.__dict__.setdefault('_rebuild_parameter_with_state', _rebuild_parameter_with_state)


class Stateful(nn.Parameter):
    """Pickled as PyTorch 2 pickles a parameter that someone gave attributes."""
    def __reduce_ex__(self, protocol):
        return (torch._utils._rebuild_parameter_with_state,
                (self.data, self.requires_grad, collections.OrderedDict(), {'note': torch.ones(1)}))


class ByClass(nn.Parameter):
    """Pickled as before PyTorch 1.0."""
    def __reduce_ex__(self, protocol):
        return nn.Parameter, (self.data, self.requires_grad)


class Net(nn.Module):
    """Something of everything; the numbers come from `seed`."""
    def __init__(self, seed):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 3, 1, bias=False), nn.Sequential(nn.BatchNorm2d(3), nn.ReLU()))
        self.head = nn.Linear(3, 3)
        self.tied = nn.Linear(3, 3, bias=False)
        self.tied.weight = self.head.weight
        self.again = self.stem[1]
        self.register_module('absent', None)
        self.register_parameter('scale', Stateful(torch.zeros(2)))
        self.register_parameter('shift', None)
        self.register_buffer('mean', torch.zeros(3, 1, 1))
        self.register_buffer('nothing', None)
        self.register_buffer('grid', torch.zeros(4), persistent=False)
        self.criterion = nn.CrossEntropyLoss()
        self.last = [torch.ones(5)]
        fill(self, seed)


def fill(net, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for t in net.state_dict().values():
            t.copy_(torch.randn(t.shape, generator=g) * 3)
    return net


class Old(nn.Module):
    """Pickled as by the first protocols, its parameters as before PyTorch 1.0, with no list of buffers to leave out."""
    def __init__(self, seed):
        super().__init__()
        self.weight = ByClass(torch.zeros(2, 2))
        self.register_buffer('mean', torch.zeros(2))
        fill(self, seed)

    def __reduce_ex__(self, protocol):
        state = {n: v for n, v in self.__dict__.items() if n != '_non_persistent_buffers_set'}
        return copyreg._reconstructor, (Old, object, None), state


def trained(net):
    """With the optimiser that has trained it."""
    optimizer = torch.optim.SGD(net.parameters(), .1, momentum=.9)
    sum(p.sum() for p in net.parameters()).backward()
    optimizer.step()
    for p in net.parameters():
        p.grad = None
    return optimizer


def module(parameters=None, modules=None, **attributes):
    """A module made of anything; its members may be what PyTorch would not take."""
    out = nn.Module()
    out.__dict__.update(_parameters={} if parameters is None else parameters,
                        _modules={} if modules is None else modules, **attributes)
    return out


def nested(levels):
    out = nn.Linear(1, 1)
    for _ in range(levels):
        out = module(modules={'m': out})
    return out


def circle():
    modules = {}
    modules['m'] = module({'w': nn.Parameter(torch.ones(1))}, modules)
    return modules['m']


def doubled(levels, last):
    """Modules that each hold the next one twice: 2 ** levels ways to the last."""
    out = last
    for _ in range(levels):
        out = module(modules={'a': out, 'b': out})
    return module({'w': nn.Parameter(torch.ones(1))}, {'m': out})


def damaged():
    """name: a network that must be refused."""
    weight = nn.Parameter(torch.ones(1))
    return {
        'circle': circle(),
        'doubled': doubled(40, module()),
        'repeated': doubled(12, module(**{f'a{i}': None for i in range(300)})),
        'deep': nested(65),
        'modules': module({'w': weight}, ['m', weight]),
        'child': module({'w': weight}, {'m': {'weight': weight}}),
        'object': module({'w': weight}, {'backbone': types.SimpleNamespace(weight=weight)}),
        'parameters': module(7),
        'parameter': module({'w': 'text'}),
        'nameless': module({1: weight}),
        'empty-name': module({'': weight}),
        'twice': module({'m.w': weight}, {'m': module({'w': weight})}),
        'long-name': module(modules={'m' * 300: module({'w' * 300: weight})}),
        'not-text': module({'w\0': weight}),
        'no-set': module({'w': weight}, _non_persistent_buffers_set={'w': 1}),
        'buffer': module({'w': weight}, _buffers={'b': 1}),
    }


def official(weights):
    net = PSPNet(18, 7, (1, 2, 3, 6), 4, 16)
    del net.aux
    net.load_state_dict({n[len('module.'):]: t for n, t in weights['state_dict'].items()})
    return net.half()


class Named(nn.Module):
    """Modules under names."""
    def __init__(self, **modules):
        super().__init__()
        for name, m in modules.items():
            self.add_module(name, m)


def smp(weights):
    """The parts of reference-smp.py, put together as that project does."""
    reference = importlib.import_module('reference-smp')
    _, layers, depth, width, classes, _, norm, _, _ = reference.CASES['smp18plain']
    net = reference.PSPNet(layers, depth, width, classes, norm)
    levels = [Named(pool=nn.Sequential(nn.AdaptiveAvgPool2d(b), c)) for b, c in zip((1, 2, 3, 6), net.decoder.branches)]
    decoder = Named(psp=Named(blocks=nn.ModuleList(levels)), conv=net.decoder.fuse, dropout=nn.Dropout2d(.2))
    net = Named(encoder=net.encoder, decoder=decoder,
                segmentation_head=nn.Sequential(net.head, nn.UpsamplingBilinear2d(scale_factor=8), nn.Identity()))
    net.load_state_dict(weights)
    return net.half()


def main(folder):
    def write(name, content):
        with open(os.path.join(folder, f'whole_{name}.pth'), 'wb') as f:
            f.write(content)

    net = official(torch.load(os.path.join(folder, 'pyramid18.pth')))
    optimizer = torch.optim.SGD(net.parameters(), .01, momentum=.9)
    write('pyramid18', saved({'epoch': 1, 'model': nn.DataParallel(net), 'optimizer': optimizer.state_dict()}))
    write('smp18plain', saved(smp(torch.load(os.path.join(folder, 'smp18plain.pth'))), legacy=True))


if __name__ == '__main__':
    main(sys.argv[1])
