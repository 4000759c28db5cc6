/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-choices.h"

#include <string.h>

#define CHECKSUM_BYTES 32

/* Far more classes than networks have. */
#define MAX_CHOICES 4096

typedef struct
{
  PspVulkanLayerClass class;
  guint32             kernel;
  guint32             n_parts;
} Choice;

/* What precedes the choices in a file. */
typedef struct
{
  guint8  shaders[CHECKSUM_BYTES];
  guint32 n_choices;
  guint32 refused; /* a bit for each kernel */
} Header;

struct _PspVulkanChoices
{
  GArray  *choices; /* Choice, in the order of their classes' bytes */
  guint32  refused; /* a bit for each kernel */
};

G_STATIC_ASSERT (PSP_VULKAN_N_KERNELS <= 32);
G_STATIC_ASSERT (sizeof (Choice) == 28);
G_STATIC_ASSERT (sizeof (Header) == 40);

PspVulkanChoices *
psp_vulkan_choices_new (void)
{
  PspVulkanChoices *self = g_new0 (PspVulkanChoices, 1);

  self->choices = g_array_new (FALSE, FALSE, sizeof (Choice));
  return self;
}

void
psp_vulkan_choices_free (PspVulkanChoices *self)
{
  g_array_unref (self->choices);
  g_free (self);
}

/* Where @class is, or where it belongs. */
static guint
find_index (const PspVulkanChoices    *self,
            const PspVulkanLayerClass *class)
{
  guint i = 0;

  while (i < self->choices->len &&
         memcmp (&g_array_index (self->choices, Choice, i).class, class, sizeof *class) < 0)
    i++;
  return i;
}

static gboolean
is_at (const PspVulkanChoices    *self,
       guint                      index,
       const PspVulkanLayerClass *class)
{
  return index < self->choices->len &&
         memcmp (&g_array_index (self->choices, Choice, index).class, class, sizeof *class) == 0;
}

PspVulkanChoice
psp_vulkan_choices_find (const PspVulkanChoices    *self,
                         const PspVulkanLayerClass *class)
{
  guint index = find_index (self, class);
  const Choice *choice = &g_array_index (self->choices, Choice, index);

  return is_at (self, index, class) ? (PspVulkanChoice) { choice->kernel, choice->n_parts }
                                    : (PspVulkanChoice) { PSP_VULKAN_N_KERNELS, 1 };
}

void
psp_vulkan_choices_add (PspVulkanChoices          *self,
                        const PspVulkanLayerClass *class,
                        PspVulkanChoice            choice)
{
  guint index = find_index (self, class);
  Choice line = { *class, choice.kernel, choice.n_parts };

  if (is_at (self, index, class))
    g_array_index (self->choices, Choice, index) = line;
  else if (self->choices->len < MAX_CHOICES)
    g_array_insert_val (self->choices, index, line);
}

void
psp_vulkan_choices_set_refused (PspVulkanChoices  *self,
                                PspVulkanKernelId  kernel,
                                gboolean           refused)
{
  self->refused &= ~(1u << kernel);
  if (refused)
    self->refused |= 1u << kernel;
}

gboolean
psp_vulkan_choices_get_refused (const PspVulkanChoices *self,
                                PspVulkanKernelId       kernel)
{
  return (self->refused >> kernel & 1) != 0;
}

/* Other shaders may be faster for something else. */
static Header
make_header (guint32 n_choices,
             guint32 refused)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize checksum_bytes = CHECKSUM_BYTES;
  Header header = { .n_choices = n_choices, .refused = refused };

  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    for (int precision = 0; precision < 2; precision++)
      {
        const PspVulkanKernel *kernel = psp_vulkan_kernel_get (id);

        g_checksum_update (checksum, (const guint8 *) kernel->code[precision],
                           kernel->code_bytes[precision]);
      }
  g_checksum_get_digest (checksum, header.shaders, &checksum_bytes);
  return header;
}

gsize
psp_vulkan_choices_read (PspVulkanChoices *self,
                         const guint8     *content,
                         gsize             n_bytes)
{
  Header header, expected;
  gsize length;

  if (n_bytes < sizeof header)
    return n_bytes;
  memcpy (&header, content, sizeof header);
  length = sizeof header + header.n_choices * sizeof (Choice);
  if (header.n_choices > MAX_CHOICES || length > n_bytes)
    return n_bytes;

  expected = make_header (header.n_choices, header.refused);
  if (memcmp (&header, &expected, sizeof header) != 0)
    return length;

  for (guint32 i = 0; i < header.n_choices; i++)
    {
      Choice choice;

      memcpy (&choice, content + sizeof header + i * sizeof choice, sizeof choice);
      if (!psp_vulkan_kernel_convolves (choice.kernel) || choice.n_parts < 1 ||
          choice.n_parts > PSP_VULKAN_MAX_PARTS)
        {
          g_array_set_size (self->choices, 0);
          return length;
        }
      psp_vulkan_choices_add (self, &choice.class,
                              (PspVulkanChoice) { choice.kernel, choice.n_parts });
    }
  self->refused = header.refused;
  return length;
}

void
psp_vulkan_choices_write (const PspVulkanChoices *self,
                          GByteArray             *file)
{
  Header header = make_header (self->choices->len, self->refused);

  g_byte_array_append (file, (const guint8 *) &header, sizeof header);
  g_byte_array_append (file, (const guint8 *) self->choices->data,
                       self->choices->len * sizeof (Choice));
}
