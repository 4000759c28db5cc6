"""Write checkpoints as Caffe and MXNet do, byte by byte, for make-checkpoints.py (Debian: python3-torch).

Caffe: the wire format of protobuf with the fields of BVLC Caffe's caffe.proto.  MXNet: NDArray::Save of ndarray.cc."""
import struct
import torch

# Caffe

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(n):
    n, out = n % (1 << 64), b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def integer(number, value):
    return varint(number << 3 | VARINT) + varint(value)


def piece(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | BYTES) + varint(len(content)) + content


def each(number, values, double=False):
    """Numbers that are not packed: each behind its tag."""
    tag = varint(number << 3 | (FIXED64 if double else FIXED32))
    return b''.join(tag + struct.pack('<d' if double else '<f', v) for v in values)


def packed(number, values, double=False):
    return piece(number, struct.pack(f'<{len(values)}{"d" if double else "f"}', *values))


def shape(*dims):
    return piece(7, piece(1, b''.join(map(varint, dims))))


def shape_each(*dims):
    return piece(7, b''.join(integer(1, d) for d in dims))


def old_shape(*dims):
    return b''.join(integer(i + 1, d) for i, d in enumerate(dims))


def blob(tensor):
    """As Caffe writes it: the numbers, then the shape."""
    return packed(5, tensor.flatten().tolist()) + shape(*tensor.shape)


def layer(name, kind, *blobs, after=b'', bottom='below', top=None):
    """The second generation."""
    return piece(100, piece(1, name) + piece(2, kind) + piece(3, bottom) + piece(4, top or name) +
                 b''.join(piece(7, b) for b in blobs) + after)


def old_layer(name, kind, *blobs, after=b''):
    """The first generation."""
    return piece(2, piece(2, 'below') + piece(3, name) + piece(4, name) + integer(5, kind) +
                 b''.join(piece(6, b) for b in blobs) + each(7, [1., 2.]) + after)


def values(n, *dims):
    return torch.randn(dims, generator=torch.Generator().manual_seed(n))


def caffe_new():
    """Two convolutions and a normalisation, named as in the original PSPNet, with what training leaves beside them."""
    first, middle, last, bias = values(1, 4, 3, 3, 3), [values(n, 1, 4, 1, 1) for n in range(2, 6)], \
        values(6, 2, 4, 1, 1), values(7, 2)
    convolution = integer(1, 4) + integer(2, 0) + integer(3, 1) + integer(4, 3) + integer(6, 2) + integer(18, 4)
    parts = [
        piece(1, 'pspnet'), piece(3, 'data'), b''.join(integer(4, d) for d in (1, 3, 473, 473)),
        layer('data', 'Input'),
        layer('conv1_1_3x3_s2', 'ConvolutionData', blob(first) + packed(6, [0.] * first.numel()),
              after=piece(106, convolution)),
        layer('conv1_1_3x3_s2/bn', 'BNData', *map(blob, middle), after=piece(152, each(4, [1e-5]))),
        layer('conv5_3_pool1_conv', 'Convolution', blob(values(8, 2, 2, 1, 1)),
              after=piece(106, integer(13, 2) + integer(14, 1) + piece(18, varint(1) + varint(3)))),
        layer('conv6_interp', 'Interp', after=piece(143, integer(3, 8))),
        layer('conv6', 'Convolution', blob(last), blob(bias), after=piece(106, integer(1, 2))),
    ]
    tensors = {'conv1_1_3x3_s2/0': first, **{f'conv1_1_3x3_s2/bn/{i}': t for i, t in enumerate(middle)},
               'conv5_3_pool1_conv/0': values(8, 2, 2, 1, 1), 'conv6/0': last, 'conv6/1': bias}
    return parts, tensors


def caffe_old():
    """The first generation, where every blob has four dimensions; without a name."""
    weight, bias = values(9, 4, 2, 3, 3), values(10, 1, 1, 1, 4)
    old = [old_shape(*t.shape) + packed(5, t.flatten().tolist()) for t in (weight, bias)]
    parts = [old_layer('data', 12), old_layer('conv', 4, *old, after=piece(10, integer(4, 3) + integer(6, 2))),
             old_layer('relu', 18), piece(3, 'data')]
    return parts, {'conv/0': weight, 'conv/1': bias}


def caffe_odd():
    """What protobuf allows and Caffe itself does not write: numbers one by one, the name last, fields twice."""
    single, double = values(11, 3, 5), values(12, 6).double() * 1e3
    dims = shape_each(3, 5)
    parts = [
        piece(1, 'odd'), integer(5, 1),
        piece(100, piece(7, dims + each(5, single.flatten().tolist())) + piece(1, 'a') +
              piece(106, integer(6, 2)) + piece(106, integer(6, 3)) + piece(1, 'one by one')),
        layer('double', 'X', packed(8, double.tolist(), True) + shape(6), each(8, double.tolist(), True) + shape(6),
              packed(5, [0.] * 6) + packed(8, double.tolist(), True) + shape(6)),
        layer('scalar', 'X', packed(5, [2.5]), shape(0, 4), piece(5, b'') + packed(5, [4., 5.]) + shape(2)),
    ]
    tensors = {'one by one/0': single, **{f'double/{i}': double for i in range(3)}, 'scalar/0': torch.tensor(2.5),
               'scalar/1': torch.zeros(0, 4), 'scalar/2': torch.tensor([4., 5.])}
    return parts, tensors


def caffe_pair():
    """Normalisations in two layers, by factors of 4 and 0; a third one lacks its second layer."""
    weights, (mean, variance, gamma, beta) = values(31, 3, 2, 1, 1), [values(n, 3).abs() for n in range(32, 36)]
    parts, tensors = [piece(1, 'pair')], {}
    for name, factor in (('a', 4.), ('b', 0.), ('c', 2.)):
        sums = (mean * factor, variance * factor, torch.tensor([factor]))
        parts += [layer(name, 'Convolution', blob(weights)), layer(f'norm of {name}', 'BatchNorm', *map(blob, sums), bottom=name)]
        tensors[f'{name}/0'] = weights
        if name == 'c':
            tensors.update({f'norm of c/{i}': t for i, t in enumerate(sums)})
            continue
        parts.append(layer(f'scale of {name}', 'Scale', blob(gamma), blob(beta), bottom=f'norm of {name}'))
        results = (gamma, beta, mean if factor else mean * 0, variance if factor else variance * 0)
        tensors.update({f'{name}/bn/{i}': t for i, t in enumerate(results)})
    parts.append(layer('d', 'Scale', blob(gamma), blob(beta), bottom='c'))
    return parts, {**tensors, 'd/0': gamma, 'd/1': beta}


def caffe_refused():
    one = packed(5, [1.])
    return {
        'few': layer('a', 'X', shape(2) + one), 'many': layer('a', 'X', shape(1) + packed(5, [1., 2.])),
        'negative': layer('a', 'X', shape(-1) + one), 'huge': layer('a', 'X', shape(1 << 62, 1 << 62) + one),
        'wraps': layer('a', 'X', shape(1 << 32, 1 << 32) + one),
        'nine': layer('a', 'X', shape(*[1] * 9) + one), 'none': layer('a', 'X', shape(1)),
        'pieces': layer('a', 'X', shape(2) + one + one), 'mixed': layer('a', 'X', shape(2) + one + each(5, [1.])),
        'apart': layer('a', 'X', each(5, [1.]) + shape(2) + each(5, [1.])),
        'half-number': layer('a', 'X', shape(1) + piece(5, b'\0\0\0\0\0')),
        'wrong-number': layer('a', 'X', shape(1) + integer(5, 1)),
        'wrong-shape': layer('a', 'X', one + piece(7, b'\x0a\x05\1')),
        'unnamed': layer('', 'X', shape(1) + one), 'not-text': layer('', 'X', shape(1) + one, after=piece(1, b'\xff')),
        'long-name': layer('a' * 257, 'X', shape(1) + one), 'twice': layer('a', 'X', shape(1) + one) * 2,
        'blobs': layer('a', 'X', *[shape(1) + one] * 65), 'long-shape': layer('a', 'X', one + shape(*[1] * 5000)),
        'strides': layer('a', 'X', shape(1) + one, after=piece(106, integer(6, 1) * 9)),
        'damaged-convolution': layer('a', 'X', shape(1) + one, after=piece(106, b'\x30')),
        'group': piece(100, b'\x0b\x0c'), 'number-0': piece(100, b'\0\0'),
        'long-varint': piece(100, b'\x08' + b'\x80' * 10), 'weightless': layer('a', 'X'),
        'too-long-inside': piece(100, b'\x3a\x05\x2a\x02\0\0') + piece(1, 'b'),
    }


# MXNet

TYPES = {torch.float32: 0, torch.float64: 1, torch.float16: 2, torch.uint8: 3, torch.int32: 4, torch.int8: 5,
         torch.int64: 6}


def array(tensor, version=2, storage=0, kind=None):
    dims = b''.join(struct.pack('<i' if version == 0 else '<q', d) for d in tensor.shape)
    head = b'' if version == 0 else struct.pack('<I', 0xf993fac7 + version)
    head += struct.pack('<i', storage) if version >= 2 else b''
    raw = tensor.contiguous().numpy().tobytes()
    number = TYPES[tensor.dtype] if kind is None else kind
    return head + struct.pack('<i', tensor.dim()) + dims + struct.pack('<iii', 1, 0, number) + raw


def no_array(version=2):
    return struct.pack('<Iii', 0xf993fac7 + version, 0, -1 if version == 3 else 0)


def params(arrays, names, reserved=0, n_names=None):
    out = struct.pack('<QQQ', 0x112, reserved, len(arrays)) + b''.join(arrays)
    out += struct.pack('<Q', len(names) if n_names is None else n_names)
    return out + b''.join(struct.pack('<Q', len(n)) + n for n in (n.encode() for n in names))


def mxnet_plain():
    tensors = {'conv1.0.weight': values(13, 4, 3, 3, 3), 'conv1.1.gamma': values(14, 4),
               'head.psp.conv1.0.weight': values(15, 2, 4, 1, 1)}
    return params([array(t) for t in tensors.values()], list(tensors)), tensors


def mxnet_versions():
    tensors = {f'v{v}': values(20 + v, 2, v + 1) for v in range(4)}
    arrays = [array(t, v) for v, t in enumerate(tensors.values())]
    scalar = torch.tensor(7.5)
    arrays += [array(scalar, 3), no_array(), no_array(3), array(torch.zeros(0, 2), 3)]
    names = ['arg:v0', 'aux:v1', 'v2', 'v3', 'scalar', 'none', 'none 3', 'arg:empty']
    return params(arrays, names), {**tensors, 'scalar': scalar, 'empty': torch.zeros(0, 2)}


def mxnet_types():
    tensors = {str(t).split('.')[1]: torch.tensor([0, 1, 5, 120]).to(t) for t in TYPES}
    return params([array(t) for t in tensors.values()], list(tensors)), tensors


def mxnet_refused():
    a = values(30, 2)
    return {
        'sparse': params([array(a, storage=1)], ['a']), 'type': params([array(a, kind=7)], ['a']),
        'negative-type': params([array(a, kind=-1)], ['a']), 'unnamed': params([array(a)], []),
        'names': params([array(a)], ['a', 'b']), 'fewer-names': params([array(a), array(a)], ['a']),
        'twice': params([array(a), array(a)], ['arg:a', 'aux:a']), 'reserved': params([array(a)], ['a'], reserved=1),
        'nine': params([array(a.view([1] * 8 + [2]))], ['a']), 'empty-name': params([array(a)], ['aux:']),
        'long-name': params([array(a)], ['a' * 513]), 'many': struct.pack('<QQQ', 0x112, 0, 100001),
        'huge': params([array(a).replace(struct.pack('<q', 2), struct.pack('<q', 1 << 61))], ['a']),
        'negative': params([array(a).replace(struct.pack('<q', 2), struct.pack('<q', -2))], ['a']),
        'wraps': params([array(a.view(1, 2)).replace(struct.pack('<qq', 1, 2), struct.pack('<qq', 1 << 62, 4))], ['a']),
        'version': params([array(a, 4)], ['a']),
    }
