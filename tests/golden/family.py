"""What the reference-FAMILY.py programs share: random weights and the golden files; no network."""
import os, sys
import torch
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from golden import randomise, save_safetensors


def finish_weights(model, seed):
    """Random weights that float16 holds exactly, so that a checkpoint may be of either type."""
    model.eval()
    randomise(model, seed)
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().float())
    return model


def save_case(out, name, model, size, metadata, scale=1, photo_size=(43, 58)):
    """NAME.golden.safetensors: an input and what the network makes of it.  NAME.photo.safetensors: a photo [h, w, 3],
    0 to 255, and the probabilities [K, h, w] that the project's own preparation of photos leads to.  The `input` is as
    the engine reads it: normalised, red first."""
    g = torch.Generator().manual_seed(len(name) + size[0])
    with torch.no_grad():
        tensors = model.activations(scale * torch.randn(1, 3, *size, generator=g))
        photo = torch.randint(0, 256, (*photo_size, 3), generator=g).float()
        probabilities = model.whole(photo.permute(2, 0, 1)[None])[0]
    assert all(t.abs().max() > .1 for t in tensors.values()), 'a golden tensor without content'
    save_safetensors(os.path.join(out, name + '.golden.safetensors'), tensors, metadata)
    save_safetensors(os.path.join(out, name + '.photo.safetensors'), {'photo': photo, 'probabilities': probabilities})
    print(name, *(f'{n}{list(t.shape)} rms {t.pow(2).mean().sqrt():.3f}' for n, t in tensors.items()), sep='\n  ')
