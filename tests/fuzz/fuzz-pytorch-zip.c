/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-zip.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  return fuzz_read_container (psp_pytorch_zip_read, bytes, n_bytes);
}
