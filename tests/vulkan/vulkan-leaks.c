/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <glib.h>

/*
 * Linked into tests that open Vulkan devices or windows, for builds with the address sanitizer:
 * lavapipe of Mesa 22.3 leaks 128 bytes for each device, the validation layer 1.3.239 a few
 * kilobytes, its OpenGL 128 bytes, fontconfig 2.14 what it keeps of every font.  The
 * loader unloads them in the end, and what is not mapped any more cannot be recognised: so they are
 * kept.  Where the stack cannot be followed past operator new, it is C++, which we have none of.
 */
#ifdef __SANITIZE_ADDRESS__
# define CHECKS_LEAKS 1
#elif defined __has_feature
# define CHECKS_LEAKS __has_feature (address_sanitizer)
#else
# define CHECKS_LEAKS 0
#endif

#if CHECKS_LEAKS

const char *__lsan_default_suppressions (void);

const char *
__lsan_default_suppressions (void)
{
  return "leak:libvulkan_lvp.so\nleak:libVkLayer_khronos_validation.so\nleak:libstdc++.so\n"
         "leak:libfontconfig.so\nleak:swrast_dri.so\n";
}

static void __attribute__ ((constructor))
keep_libraries (void)
{
  static const char *const names[] = { "libvulkan_lvp.so", "libVkLayer_khronos_validation.so" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      void *library = dlopen (names[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);

      if (library != NULL)
        dlclose (library);
    }
}

#endif
