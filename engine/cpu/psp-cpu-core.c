/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-core.h"

/* What OpenBLAS' kernels for x86-64 compute with, the slower first. */
typedef enum
{
  VECTORS_SSE,
  VECTORS_AVX,
  VECTORS_AVX2,
  VECTORS_AVX512,
} Vectors;

static const struct
{
  const char *core;
  Vectors     vectors;
} cores[] = {
  { "Prescott", VECTORS_SSE },     { "Core2", VECTORS_SSE },
  { "Penryn", VECTORS_SSE },       { "Dunnington", VECTORS_SSE },
  { "Atom", VECTORS_SSE },         { "Nehalem", VECTORS_SSE },
  { "Nano", VECTORS_SSE },         { "Opteron", VECTORS_SSE },
  { "Opteron(SSE3)", VECTORS_SSE }, { "Barcelona", VECTORS_SSE },
  { "Bobcat", VECTORS_SSE },       { "Sandybridge", VECTORS_AVX },
  { "Bulldozer", VECTORS_AVX },    { "Piledriver", VECTORS_AVX },
  { "Steamroller", VECTORS_AVX },  { "Excavator", VECTORS_AVX },
  { "Haswell", VECTORS_AVX2 },     { "Zen", VECTORS_AVX2 },
  { "SkylakeX", VECTORS_AVX512 },  { "Cooperlake", VECTORS_AVX512 },
  { "SapphireRapids", VECTORS_AVX512 },
};

/* What this processor has, and the system lets us use. */
static Vectors
get_offered (void)
{
#ifdef __x86_64__
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq") &&
      __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl"))
    return VECTORS_AVX512;
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return VECTORS_AVX2;
  if (__builtin_cpu_supports ("avx"))
    return VECTORS_AVX;
#endif
  return VECTORS_SSE;
}

/* What @core computes with; cores that are not known count as the best. */
static Vectors
get_used (const char *core)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cores); i++)
    if (g_ascii_strcasecmp (cores[i].core, core) == 0)
      return cores[i].vectors;
  return VECTORS_AVX512;
}

const char *
psp_cpu_core_find_better (const char *core)
{
  Vectors offered = get_offered ();

  if (get_used (core) > VECTORS_SSE || offered < VECTORS_AVX2)
    return NULL;
  return offered == VECTORS_AVX2 ? "Haswell" : "SkylakeX";
}

char *
psp_cpu_core_find_slowdown (const char *core,
                            const char *forced)
{
  static const char * const names[] = { "SSE", "AVX", "AVX2", "AVX-512" };
  const char *better = psp_cpu_core_find_better (core);
  Vectors used = get_used (core);
  Vectors offered = get_offered ();

  if (forced != NULL && used < offered)
    return g_strdup_printf ("OPENBLAS_CORETYPE=%s in the environment makes OpenBLAS compute with "
                            "%s, but this processor has %s: it is slower than it needs to be; "
                            "unset the variable", forced, names[used], names[offered]);
  if (forced == NULL && better != NULL)
    return g_strdup_printf ("this OpenBLAS does not know the processor and computes with %s, but "
                            "there is %s: it is slower than it needs to be; set "
                            "OPENBLAS_CORETYPE=%s in the environment", names[used],
                            names[offered], better);
  return NULL;
}
