#!/usr/bin/env python3
"""Make the seeds of the fuzzers' corpora (Debian: python3-torch, python3-pil).

usage: make-corpus.py SCENESCOPE

SCENESCOPE is the program, which makes one of the files: a network of its own kind.  Writes tests/fuzz/corpus/FUZZER/FILE: copies of small golden files, pictures, edits, and files that lie about themselves.
What a fuzzer found stays there under found-NAME; this program does not touch it."""
import glob, io, json, os, shutil, struct, subprocess, sys, zlib
from PIL import Image
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, '..', 'golden')
DATA = os.path.join(HERE, '..', '..', 'data')
LARGEST = 4000
sys.path.insert(0, GOLDEN)
import foreign, whole
from golden import randomise
from pspnet import PSPNet


def write(fuzzer, name, content):
    folder = os.path.join(HERE, 'corpus', fuzzer)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as f:
        f.write(content)


def golden(pattern):
    for path in sorted(glob.glob(os.path.join(GOLDEN, 'checkpoints', pattern))):
        if os.path.getsize(path) <= LARGEST:
            with open(path, 'rb') as f:
                yield os.path.basename(path), f.read()


def without_crc(data):
    """The checksums in a zip's directory become “not known”, so that what a fuzzer changes is read at all."""
    data = bytearray(data)
    at = data.find(b'PK\1\2')
    while at >= 0:
        data[at + 16:at + 20] = bytes(4)
        at = data.find(b'PK\1\2', at + 4)
    return bytes(data)


def pickle_in(data):
    """data.pkl of an archive whose members are stored; of a legacy file, all its pickles but the magic number's."""
    at = data.find(b'PK\1\2')
    while at >= 0:
        size, n_name, place = struct.unpack('<L', data[at + 20:at + 24])[0], *struct.unpack('<H', data[at + 28:at + 30]), \
            struct.unpack('<L', data[at + 42:at + 46])[0]
        if data[at + 46:at + 46 + n_name].endswith(b'/data.pkl'):
            content = place + 30 + sum(struct.unpack('<HH', data[place + 26:place + 30]))
            return data[content:content + size]
        at = data.find(b'PK\1\2', at + 4)


def containers():
    for name, data in golden('*.caffemodel'):
        write('caffe', name, data)
    for name, data in golden('*.params'):
        write('mxnet', name, data)
    for name, data in golden('*.safetensors'):
        write('safetensors', name, data)
    for name, data in golden('*.pth'):
        if data.startswith(b'PK'):
            write('pytorch-zip', name, without_crc(data))
            pickled = pickle_in(data)
            if pickled:
                write('pickle', name.replace('.pth', '.pkl'), pickled)
        else:
            write('pytorch-legacy', name, data)


def small_network():
    """Something of each part of a module, in few bytes."""
    bias, weight = (torch.nn.Parameter(torch.ones(n)) for n in (1, 2))
    inner = whole.module({'w': weight}, _buffers={'b': torch.ones(1), 'c': None}, _non_persistent_buffers_set={'b'})
    return whole.module({'v': whole.ByClass(bias), 'w': None}, {'m': inner, 'n': inner, 'o': None})


def whole_networks():
    """Beside the golden files, of which only the damaged ones are small."""
    for name, thing in (('whole-small', small_network()), ('whole-member', {'net': small_network(), 'loss': torch.nn.ReLU()}),
                        ('whole-inner', {'model': {'state_dict': {'w': torch.ones(1)}, 'net': small_network()}})):
        for protocol in (2, 4):
            data = whole.saved(thing, pickle_protocol=protocol)
            write('pytorch-zip', f'{name}-{protocol}.pth', without_crc(data))
            write('pickle', f'{name}-{protocol}.pkl', pickle_in(data))
        write('pytorch-legacy', name + '.pth', whole.saved(thing, legacy=True))


def safetensors(header, n_data_bytes=0):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(header)) + header + bytes(n_data_bytes)


def one(shape, begin, end, dtype='F32'):
    return {'dtype': dtype, 'shape': shape, 'data_offsets': [begin, end]}


def headers():
    for name, header, n in (
            ('empty', {}, 0), ('metadata', {'__metadata__': {'a': 'b'}}, 0), ('rank-0', {'a': one([], 0, 4)}, 4),
            ('blanks', b'{}     ', 0), ('hole', {'a': one([1], 4, 8)}, 8),
            ('overlap', {'a': one([1], 0, 4), 'b': one([1], 2, 6)}, 6),
            ('no-elements', {'a': one([0, 2 ** 62], 0, 0), 'b': one([1], 0, 4)}, 4),
            ('wraps', {'a': one([2 ** 62, 4], 0, 0)}, 0), ('long-number', b'{"a":{"shape":[' + b'9' * 400 + b']}}', 0),
            ('exponent', b'{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', 4),
            ('escapes', rb'{"\u00e9\ud83d\ude00\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":[null,true,-1.5e+3]}}', 4),
            ('half-pair', rb'{"\ud83d":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
            ('zero', rb'{"\u0000":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
            ('deep', b'{"a":' + b'[' * 600 + b']' * 600 + b'}', 0),
            ('twice', b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
                      b'"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8)):
        write('safetensors', name, safetensors(header, n))


def pickles():
    """Opcodes that no golden file has."""
    for name, text in (
            ('self', b']q\0h\0a.'), ('marks', b'(' * 1001 + b'.'), ('tuples', b'N' + b'\x85' * 2000 + b'.'),
            ('frames', b'\x80\x04\x95\x03\0\0\0\0\0\0\0K\x01.'), ('long4', b'\x8b\x09\0\0\0' + b'\xff' * 9 + b'.'),
            ('bytes', b'C\1aB\1\0\0\0a\x8e\1\0\0\0\0\0\0\0a\x96\1\0\0\0\0\0\0\0a\x87.'),
            ('set', b'\x8f(K\1K\2\x90(K\3\x91\x86.'), ('build', b'cargparse\nNamespace\n)\x81}X\1\0\0\0aNsb.'),
            ('names', b'\x8c\2os\x8c\6system\x93)}\x92.'), ('duplicate', b'K\x052\x86.'),
            ('dict-2', b'ccollections\nOrderedDict\n](](U\1aK\1e](U\1bK\2ee\x85R.'), ('pop', b'N0(N1N.')):
        write('pickle', name, text)


def picture(fuzzer_name, image, kind, **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    write('image', fuzzer_name, out.getvalue())
    return out.getvalue()


def chunk(kind, content):
    return struct.pack('>L', len(content)) + kind + content + struct.pack('>L', zlib.crc32(kind + content))


def pictures():
    grey = Image.frombytes('L', (13, 5), bytes(range(65)))
    palette = grey.convert('P')
    colour = Image.merge('RGB', (grey, grey.rotate(180), grey))
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, image in (('grey', grey), ('bits', grey.convert('1')), ('palette', palette), ('colour', colour),
                        ('alpha', colour.convert('RGBA')), ('grey-alpha', grey.convert('LA')),
                        ('wide', Image.frombytes('I;16', (4, 3), bytes(range(24))))):
        picture(name + '.png', image, 'PNG')
    picture('turned.png', colour, 'PNG', exif=exif)
    picture('turned.jpg', colour, 'JPEG', exif=exif)
    picture('grey.jpg', grey, 'JPEG')
    picture('inks.jpg', colour.convert('CMYK'), 'JPEG')
    picture('progressive.jpg', colour, 'JPEG', progressive=True, subsampling=2)
    head = b'\x89PNG\r\n\x1a\n'
    write('image', 'huge.png', head + chunk(b'IHDR', struct.pack('>LL5B', 32768, 32768, 8, 0, 0, 0, 0)) +
          chunk(b'IDAT', zlib.compress(bytes(100))) + chunk(b'IEND', b''))
    write('image', 'interlaced.png', head + chunk(b'IHDR', struct.pack('>LL5B', 2, 1, 8, 0, 0, 0, 1)) +
          chunk(b'IDAT', zlib.compress(b'\0\1\0\2')) + chunk(b'IEND', b''))


def edit(kind, class_id=1, radius=0., width=0, height=0, points=(), locked=(), runs=b''):
    """A GVariant (yyidiia(dd)aqay) of up to 255 bytes, little-endian."""
    body = struct.pack('<BBxxidii', 1, kind, class_id, radius, width, height)
    body += b''.join(struct.pack('<dd', *p) for p in points)
    end_of_points = len(body)
    body += struct.pack(f'<{len(locked)}H', *locked)
    end_of_locked = len(body)
    return body + runs + bytes([end_of_locked, end_of_points])


def edits():
    for name, content in (
            ('stroke', edit(0, 3, 1.5, points=((1, 1), (5, 6.5)))), ('eraser', edit(0, -1, 2., points=((3, 3),))),
            ('fill', edit(1, 2, points=((4, 4),), locked=(1, 255))),
            ('polygon', edit(2, 7, points=((0, 0), (8, 0), (4, 8.25)))),
            ('accept', edit(3, 0, width=8, height=8, runs=bytes([2, 3, 1, 10, 4, 2]))),
            ('revert', edit(4, -1)), ('undo', edit(5, 0)), ('redo', edit(6, 0)),
            ('long-run', edit(3, 0, width=8, height=8, runs=b'\0\xff\xff\xff\xff\x0f\1'))):
        write('edit', name, content)


def texts():
    for path in glob.glob(os.path.join(DATA, 'taxonomies', 'camvid*.json')):
        shutil.copy(path, os.path.join(HERE, 'corpus', 'taxonomy'))
    write('taxonomy', 'names.txt', b'road\ncar\r\nsky\n')
    write('taxonomy', 'small.json', b'{"name":"a","classes":[{"name":"b","color":"#01fF20","category":"c"},{"name":"d"}]}')
    write('taxonomy', 'deep.json', b'{"name":' + b'[' * 70 + b']' * 70 + b'}')
    shutil.copy(os.path.join(DATA, 'mappings', 'camvid-11_to_mseg-universal.tsv'), os.path.join(HERE, 'corpus', 'mapping'))


def models():
    """A whole network, as narrow as can be, in half precision; the same with a variance below 0 and with a NaN; and as a
    file of ours."""
    net = PSPNet(18, 2, (1, 2, 3, 6), 1, 4).eval()
    randomise(net, 1)
    tensors = {n: t for n, t in net.state_dict().items() if not n.endswith('num_batches_tracked')}
    for name, place, value in (('whole', None, 0), ('negative', 'layer1.0.bn1.running_var', -1),
                               ('nan', 'layer2.0.conv1.weight', float('nan'))):
        head, blob = {}, b''
        for n, t in tensors.items():
            t = t.clone().half()
            if n == place:
                t.view(-1)[0] = value
            raw = t.numpy().tobytes()
            head[n] = one(list(t.shape), len(blob), len(blob) + len(raw), 'F16')
            blob += raw
        text = json.dumps(head, separators=(',', ':')).encode()
        write('model', name, struct.pack('<Q', len(text)) + text + blob)
    folder = os.path.join(HERE, 'corpus', 'model')
    subprocess.run([sys.argv[1], 'model', 'convert', '--fp16', os.path.join(folder, 'whole'),
                    os.path.join(folder, 'folded')], check=True)
    write('model', 'whole.pth', without_crc(whole.saved(net.half())))
    write('model', 'legacy-whole.pth', whole.saved({'model': net}, legacy=True))
    for name in ('plain.pth', 'legacy.pth', 'new.caffemodel', 'plain.params', 'types.safetensors'):
        shutil.copy(os.path.join(GOLDEN, 'checkpoints', name), folder)
    for name, content in (
            ('nothing', b''), ('web-page', b'<!DOCTYPE html><html>'), ('gzip', b'\x1f\x8b\x08\0\0\0\0\0\0\0'),
            ('lfs', b'version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), ('hdf5', b'\x89HDF\r\n\x1a\n\0\0\0\0'),
            ('tar', bytes(257) + b'ustar' + bytes(250))):
        write('model', name, content)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for part in (containers, whole_networks, headers, pickles, pictures, edits, texts, models):
        part()
