#!/usr/bin/env python3
"""Make small checkpoints of every kind that the engine must read or refuse (Debian: python3-torch).

usage: make-checkpoints.py OUT_DIR

Writes one file per kind and OUT_DIR/expected.safetensors: what PyTorch reads from those that must be read, in float32
(or what was put into those of Caffe and MXNet),
under "FILE/TENSOR" with the names after common prefixes are taken off; its metadata has the number of tensors per file,
and for Caffe models where their fields end.
"""
import argparse, collections, io, json, os, pickle, struct, sys, warnings, zipfile
import torch
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import foreign, objects, whole
from golden import save_safetensors

KINDS = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8,
         torch.uint8, torch.bool)
SAFETENSORS_NAMES = dict(zip(KINDS, ('F32', 'F16', 'BF16', 'F64', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL')))


def conv(n, prefix=''):
    g = torch.Generator().manual_seed(n)
    return {prefix + 'a.weight': torch.randn(2, 3, 2, 2, generator=g), prefix + 'a.bias': torch.randn(2, generator=g),
            prefix + 'n.num_batches_tracked': torch.tensor(7)}


def numbers():
    """Values that show every rounding and sign: subnormals, infinities, NaN, the ends of the integer types."""
    out = {}
    for k in KINDS:
        if k.is_floating_point:
            i = torch.finfo(k)
            v = torch.tensor([0., -0., 1., -1.5, 1 / 3, i.max, -i.max, i.tiny, i.tiny / 4, float('inf'), float('-inf'),
                              float('nan')], dtype=torch.float64).to(k)
        elif k == torch.bool:
            v = torch.tensor([True, False, True])
        else:
            i = torch.iinfo(k)
            v = torch.tensor([0, 1, i.min, i.max, i.max - 1, i.max // 3], dtype=k)
        out[str(k).split('.')[1]] = v
    return out


def repack(data, compression=zipfile.ZIP_STORED, extra=(), folders=False):
    """The same archive as Python's zipfile writes it: no ZIP64, no alignment, no data descriptors."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, 'w', compression) as new:
        root = old.namelist()[0].split('/')[0]
        for name in ([root + '/', root + '/data/'] if folders else []) + old.namelist():
            new.writestr(zipfile.ZipInfo(name), b'' if name.endswith('/') else old.read(name), compression)
        for name, content in extra:
            new.writestr(zipfile.ZipInfo(root + '/' + name), content, compression)
        new.comment = b'packed again' if folders else b''
    return out.getvalue()


def big_endian(thing):
    """As PyTorch writes it on a machine of the other byte order: each element turned around."""
    out = io.BytesIO()
    torch.save(thing, out)
    storages = [t.storage() for t in thing.values()]
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as old, zipfile.ZipFile(out, 'w') as new:
        for name in old.namelist():
            content, place = old.read(name), name.split('/data/')[-1]
            if place.isdigit():
                n = storages[int(place)].element_size()
                content = b''.join(content[i:i + n][::-1] for i in range(0, len(content), n))
            new.writestr(zipfile.ZipInfo(name), content)
        new.writestr(zipfile.ZipInfo('archive/byteorder'), b'big')
    return out.getvalue()


def with_zip64(data):
    """The same archive with the sizes and places of its members in ZIP64 fields, as beyond 4 GiB."""
    limit, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, 4
    try:
        return repack(data)
    finally:
        zipfile.ZIP64_LIMIT = limit


def untyped(values):
    """A half-precision tensor, all but the first of the values, as PyTorch 2 writes types without a storage class."""
    pickled = (b'\x80\x02}X\x08\0\0\0a.weightctorch._utils\n_rebuild_tensor_v3\n((X\x07\0\0\0storage'
               b'ctorch.storage\nUntypedStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK' + bytes([2 * len(values)]) +
               b'tQK\x01K' + bytes([len(values) - 1]) + b'\x85K\x01\x85\x89ccollections\nOrderedDict\n)R'
               b'ctorch\nfloat16\ntRs.')
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as new:
        for name, content in (('data.pkl', pickled), ('.format_version', b'1'), ('.storage_alignment', b'64'),
                              ('byteorder', b'little'), ('data/0', struct.pack(f'<{len(values)}e', *values)),
                              ('version', b'3\n'), ('.data/serialization_id', b'0' * 40)):
            new.writestr(zipfile.ZipInfo('archive/' + name), content)
    return out.getvalue()


def without_crc(data):
    """As PyTorch writes it when it is told not to compute checksums."""
    data = bytearray(data)
    at = data.find(b'PK\1\2')
    while at >= 0:
        data[at + 16:at + 20] = bytes(4)
        at = data.find(b'PK\1\2', at + 4)
    return bytes(data)


def safetensors(tensors, metadata):
    head, blob = {'__metadata__': metadata}, b''
    for name, t in tensors.items():
        t = t.contiguous()
        raw = bytes(t.reshape(-1).view(torch.uint8).tolist()) if t.dim() else struct.pack('<q', int(t))
        head[name] = {'dtype': SAFETENSORS_NAMES[t.dtype], 'shape': list(t.shape),
                      'data_offsets': [len(blob), len(blob) + len(raw)]}
        blob += raw
    text = json.dumps(head, ensure_ascii=False).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + blob


class Storage:
    """Numbers that legacy() writes; with a view, first and count, only that part of them is meant."""

    def __init__(self, key, values, view=None):
        self.key, self.values, self.view = key, values, view

    def id(self):
        kind = getattr(torch, self.values.storage().pickle_storage_type())
        view = self.view and (f'{self.key}.{self.view[0]}', *self.view)
        return 'storage', kind, self.key, 'cpu', self.values.numel(), view


class Stored:
    """A tensor as a pickle describes it."""

    def __init__(self, storage, first, size, stride):
        self.arguments = storage, first, tuple(size), tuple(stride), False, collections.OrderedDict()

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, self.arguments


class Source:
    """A class whose source old files carry along."""

    def __init__(self, item):
        self.item = item

    def __call__(self, *arguments):
        """Never called; pickle wants what makes an object to be callable."""


class Whole:
    """What old files name like a network, but is none."""

    def __reduce__(self):
        return Source(torch.nn.Linear), (1, 2)


class Python2Dict(dict):
    def __reduce__(self):
        return collections.OrderedDict, ([[k, v] for k, v in self.items()],)


class LegacyPickler(pickle._Pickler):
    python2 = False
    dispatch = dict(pickle._Pickler.dispatch)

    def persistent_id(self, thing):
        if isinstance(thing, Source):
            return 'module', thing.item, 'some.py', 'class Some:\n    pass\n'
        return thing.id() if isinstance(thing, Storage) else None

    def save_str(self, text):
        if not self.python2:
            return pickle._Pickler.save_str(self, text)
        raw = text.encode('latin1')
        self.write(b'U' + bytes([len(raw)]) + raw if len(raw) < 256 else b'T' + struct.pack('<i', len(raw)) + raw)
        self.memoize(text)

    dispatch[str] = save_str


def legacy(thing, storages, python2=False, little=True, protocol=1001):
    """The layout from before PyTorch 1.6, by hand; what torch.save writes of it is named after memory addresses."""
    out = io.BytesIO()
    sizes = {'short': 2, 'int': 4, 'long': 4}
    machine = {'protocol_version': protocol, 'little_endian': little, 'type_sizes': sizes}
    for part in (0x1950a86a20f9469cfc6c, protocol, machine, thing, [s.key for s in storages]):
        pickler = LegacyPickler(out, 2)
        pickler.python2 = python2
        pickler.dump(part)
    for s in storages:
        out.write(struct.pack('<q', s.values.numel()) + s.values.numpy().tobytes())
    return out.getvalue()


def state_of(thing):
    return thing.get('state_dict', thing)


def check_legacy(data, tensors):
    """That PyTorch reads the same from what was put together by hand."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        read = state_of(torch.load(io.BytesIO(data), encoding='latin1'))
    assert list(read) == list(tensors) and all(torch.equal(t, tensors[n]) for n, t in read.items())
    return data


class Samples:
    def __init__(self, out):
        self.out, self.expected, self.counts = out, {}, {}

    def write(self, name, data, tensors=None):
        with open(os.path.join(self.out, name), 'wb') as f:
            f.write(data)
        if tensors is not None:
            self.counts[name] = str(len(tensors))
            self.expected.update({f'{name}/{n}': t for n, t in tensors.items()})

    def save(self, name, thing, tensors=None, **how):
        buffer = io.BytesIO()
        torch.save(thing, buffer, **how)
        self.write(name, buffer.getvalue(), tensors)
        return buffer.getvalue()


def readable(s):
    plain = s.save('plain.pth', {'epoch': 3, 'state_dict': conv(1, 'module.')}, conv(1))
    s.save('protocol4.pth', {'state_dict': conv(2)}, conv(2), pickle_protocol=4)
    last = {'a.weight': torch.randn(4, 3, 3, 2, generator=torch.Generator().manual_seed(3))}
    s.save('channels-last.pth', {n: t.to(memory_format=torch.channels_last) for n, t in last.items()}, last)
    base = torch.arange(24.)
    shared = {'whole': base.view(2, 3, 4), 'tail': base[12:].view(3, 4), 'transposed': base.view(4, 6).t(),
              'steps': base[2::3], 'scalar': base[5], 'empty': base[:0].view(0, 4)}
    s.save('shared.pth', shared, shared)
    s.save('types.pth', numbers(), numbers())
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    for t in net.state_dict().values():
        t.copy_(torch.arange(t.numel()).view(t.shape) + 1)
    s.save('extras.pth', {
        'model': collections.OrderedDict(net.named_parameters()), 'optimizer': {140000000000001: {'step': -1}},
        'args': argparse.Namespace(lr=0.01, seen={1, 2}, raw=b'\0\1', huge=1 << 80, none=None, good=True),
        'history': collections.deque([1.5, 2.5], 2), 'device': torch.device('cpu'), 'type': torch.float32,
        'size': torch.Size([1, 2])}, dict(net.named_parameters()))
    s.save('buffers.pth', {'state_dict': net.state_dict()}, net.state_dict())
    s.save('bystanders.pth', {'mean': torch.ones(3), 'std': torch.ones(3) * 2, **conv(4, '_orig_mod.model.')},
           {'mean': torch.ones(3), 'std': torch.ones(3) * 2, **conv(4)})
    s.save('shell.pth', {'state_dict': {**conv(5), 'evil': objects.Shell()}, 'also': objects.Shell()}, conv(5))
    s.write('repacked.pth', repack(plain, folders=True, extra=[('byteorder', b'little')]), conv(1))
    s.write('no-crc.pth', without_crc(plain), conv(1))
    s.write('zip64.pth', with_zip64(plain), conv(1))
    turned = {**numbers(), 'transposed': torch.arange(6.).view(2, 3).t()}
    s.write('big-endian.pth', big_endian(turned), turned)
    s.write('untyped.pth', untyped([1, 2.5, -3, 0.1]), {'a.weight': torch.tensor([2.5, -3, 0.1]).half()})
    many = {**numbers(), 'scalar': torch.tensor(-5), 'empty': torch.zeros(0, 3), 'größe': torch.ones(1, 1, 1, 1, 2)}
    s.write('types.safetensors', safetensors(many, {'bins': '1,2,3,6', 'note': 'a "quoted" line\n'}), many)
    return plain


def readable_objects(s):
    """In each protocol of pickle, what training leaves beside the weights, and among them."""
    for protocol in (2, 3, 4, 5):
        tensors = conv(40 + protocol)
        state = objects.state_dict({**conv(40 + protocol, 'module.'), 'module.extra_state': objects.leftovers()})
        s.save(f'objects-{protocol}.pth', {**objects.leftovers(), 'state_dict': state}, tensors, pickle_protocol=protocol)
    s.save('only-state.pth', {'net': conv(46), **objects.leftovers()}, conv(46))


def readable_legacy(s):
    old = {'_use_new_zipfile_serialization': False}
    torch.manual_seed(8)
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), .1, momentum=.9)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    s.save('legacy.pth', {'epoch': 3, 'optimizer': optimizer.state_dict(), 'state_dict': conv(6, 'module.')}, conv(6),
           **old)
    for protocol in (3, 4, 5):
        s.save(f'legacy-protocol{protocol}.pth', conv(46 + protocol), conv(46 + protocol), pickle_protocol=protocol, **old)
    s.save('legacy-types.pth', numbers(), numbers(), **old)
    tiny = torch.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'tiny18.pth'))
    s.save('legacy-tiny18.pth', tiny, **old)
    base = torch.arange(24.)
    shared = {'whole': base.view(2, 3, 4), 'tail': base[12:].view(3, 4), 'transposed': base.view(4, 6).t(),
              'empty': base[:0].view(0, 4), 'other': torch.ones(3)}
    s.save('legacy-shared.pth', shared, shared, **old)

    numbers_0, numbers_1 = torch.arange(5, dtype=torch.int8), torch.arange(12.) / 7
    first, last = Storage('1', numbers_0), Storage('0', numbers_1)
    state = Python2Dict({'module.a.weight': Stored(last, 0, (3, 4), (4, 1)), 'module.n': Stored(first, 1, (4,), (1,))})
    tensors = {'module.a.weight': numbers_1.view(3, 4), 'module.n': numbers_0[1:]}
    note = 'a text that is longer than 255 bytes \xff' * 9
    data = legacy({'state_dict': state, 'note': note}, (first, last), python2=True)
    s.write('legacy-python2.pth', check_legacy(data, tensors), {n[7:]: t for n, t in tensors.items()})

    part, rest = Storage('12', numbers_1, (2, 6)), Storage('12', numbers_1, (8, 4))
    state = {'part': Stored(part, 1, (2, 2), (2, 1)), 'rest': Stored(rest, 0, (4,), (1,)),
             'whole': Stored(Storage('12', numbers_1), 0, (12,), (1,)), 'n': Stored(first, 0, (5,), (1,))}
    tensors = {'part': numbers_1[3:7].view(2, 2), 'rest': numbers_1[8:], 'whole': numbers_1, 'n': numbers_0}
    data = legacy({'state_dict': state, 'class': Source(torch.nn.Linear)}, (first, part))
    s.write('legacy-views.pth', check_legacy(data, tensors), tensors)


    other = Storage('1', torch.tensor([1., 2.5]))
    data = legacy({'a': Stored(other, 0, (2,), (1,))}, (other,), little=False)
    s.write('legacy-other-machine.pth', check_legacy(data, {'a': other.values}), {'a': other.values})


def readable_whole(s):
    """Networks that were not saved as state dicts, but as they are."""
    net = whole.Net(60)
    tensors = net.state_dict()
    s.write('whole.pth', whole.saved(net), tensors)
    net = whole.Net(61)
    optimizer = whole.trained(net)
    thing = {'epoch': 3, 'optimizer': optimizer.state_dict(), 'model': torch.nn.DataParallel(net)}
    s.write('whole-trained.pth', whole.saved(thing, pickle_protocol=4), net.state_dict())
    s.write('whole-cuda.pth', whole.saved(whole.Net(62).half(), location='cuda:0'), whole.Net(62).half().state_dict())
    net = whole.Net(63).bfloat16()
    thing = {'net': net, 'loss': torch.nn.CrossEntropyLoss(), 'optimizer': whole.trained(net)}
    s.write('whole-only.pth', whole.saved(thing), net.state_dict())
    s.write('whole-old.pth', whole.saved(whole.Old(64)), whole.Old(64).state_dict())
    net = whole.Net(65)
    s.write('whole-inner.pth', whole.saved({'epoch': 3, 'state_dict': {'model': net}}), net.state_dict())
    s.save('inner-state.pth', {'model': {'state_dict': conv(66), 'epoch': 3}, **objects.leftovers()}, conv(66))
    net = whole.nested(64)
    s.write('whole-deepest.pth', whole.saved(net), net.state_dict())

    net = whole.Net(67)
    s.write('legacy-whole.pth', whole.saved(net, legacy=True), net.state_dict())
    net = whole.Net(68)
    optimizer = whole.trained(net)
    thing = {'model': torch.nn.DataParallel(net), 'optimizer': optimizer.state_dict()}
    s.write('legacy-whole-trained.pth', whole.saved(thing, legacy=True), net.state_dict())


def refused_whole(s):
    for name, net in whole.damaged().items():
        s.write(f'refused-whole-{name}.pth', whole.saved(net))
    s.write('refused-legacy-whole-circle.pth', whole.saved(whole.circle(), legacy=True))
    s.save('refused-two-networks.pth', {n: torch.nn.Linear(1, 1) for n in ('student', 'teacher')})
    s.save('refused-two-inner.pth', {'model': {'net': conv(1)}, 'ema': {'net': conv(1)}})


def refused_legacy(s):
    a = Storage('1', torch.ones(2))
    tensor = Stored(a, 0, (2,), (1,))
    s.write('refused-legacy-protocol.pth', legacy({'a': tensor}, (a,), protocol=1002))
    s.write('refused-legacy-object.pth', legacy({'model': Whole()}, ()))
    beyond = Storage('1', torch.ones(2), (1, 2))
    s.write('refused-legacy-view.pth', legacy({'a': Stored(beyond, 0, (2,), (1,))}, (a,)))
    s.write('refused-legacy-twice.pth', legacy({'a': tensor}, (a, a)))
    s.write('refused-legacy-unused.pth', legacy({'a': tensor}, (a, Storage('2', torch.ones(2)))))
    s.write('refused-legacy-absent.pth', legacy({'a': tensor}, ()))
    s.write('refused-legacy-count.pth', legacy({'a': tensor}, (Storage('1', torch.ones(3)),)))
    other = Stored(Storage('1', torch.ones(2).half()), 0, (2,), (1,))
    s.write('refused-legacy-two-types.pth', legacy({'a': tensor, 'b': other}, (a,)))
    wide = Stored(Storage('1', torch.ones(2, dtype=torch.complex64)), 0, (2,), (1,))
    s.write('refused-legacy-complex.pth', legacy({'a': wide}, (a,)))


def readable_foreign(s):
    for name in ('new', 'old', 'odd', 'pair'):
        parts, tensors = getattr(foreign, 'caffe_' + name)()
        s.write(f'{name}.caffemodel', b''.join(parts), tensors)
        s.counts[f'{name}.caffemodel ends'] = ','.join(str(len(b''.join(parts[:i]))) for i in range(1, len(parts)))
    for name in ('plain', 'versions', 'types'):
        s.write(f'{name}.params', *getattr(foreign, 'mxnet_' + name)())


def refused_foreign(s):
    for name, layers in foreign.caffe_refused().items():
        s.write(f'refused-{name}.caffemodel', foreign.piece(1, 'net') + layers)
    for name, data in foreign.mxnet_refused().items():
        s.write(f'refused-{name}.params', data)


def refused(s, plain):
    torch.manual_seed(7)
    s.save('refused-module.pth', {'epoch': 3, 'model': torch.nn.ReLU()})
    s.save('refused-no-tensors.pth', {'state_dict': {'a': 1}})
    s.save('refused-tensor.pth', torch.ones(2))
    s.save('refused-two-states.pth', {'net': conv(1), 'net_ema': conv(1), 'epoch': 3})
    s.save('refused-complex.pth', {'a.weight': torch.ones(2, dtype=torch.complex64)})
    s.save('refused-shell.pth', objects.Shell())
    s.save('refused-expanded.pth', {'a.weight': torch.ones(1).expand(1 << 20)})
    s.write('refused-compressed.pth', repack(plain, zipfile.ZIP_DEFLATED))
    s.write('refused-byte-order.pth', repack(plain, extra=[('byteorder', b'middle')]))
    s.write('refused-two-pickles.pth', repack(plain, extra=[('more/data.pkl', b'N.')]))
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Identity()), script)
    s.write('refused-script.pth', script.getvalue())


def main(out):
    os.makedirs(out, exist_ok=True)
    s = Samples(out)
    readable_legacy(s)
    readable_foreign(s)
    readable_objects(s)
    readable_whole(s)
    plain = readable(s)
    refused(s, plain)
    refused_legacy(s)
    refused_whole(s)
    refused_foreign(s)
    save_safetensors(os.path.join(out, 'expected.safetensors'), s.expected, s.counts)


if __name__ == '__main__':
    main(sys.argv[1])
