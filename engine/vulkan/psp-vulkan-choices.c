/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-choices.h"

#include <string.h>

#define CHECKSUM_BYTES 32

/* More than there are; a file says something about so many. */
#define MAX_KERNELS 32

/* A program may end for reasons that are not the kernel's, but not often in the middle of a
 * proof. */
#define MAX_UNEXPLAINED 2

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
  guint8  n_begun[MAX_KERNELS]; /* proofs that did not end */
} Header;

struct _PspVulkanChoices
{
  GArray  *choices; /* Choice, in the order of their classes' bytes */
  guint32  refused; /* a bit for each kernel */
  guint32  known;   /* a bit for each kernel about which no file knows better */
  guint8   n_begun[MAX_KERNELS];
};

G_STATIC_ASSERT (PSP_VULKAN_N_KERNELS <= MAX_KERNELS);
G_STATIC_ASSERT (sizeof (Choice) == 28);
G_STATIC_ASSERT (sizeof (Header) == 72);

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
  self->n_begun[kernel] = 0;
  self->known |= 1u << kernel;
}

gboolean
psp_vulkan_choices_get_refused (const PspVulkanChoices *self,
                                PspVulkanKernelId       kernel)
{
  return (self->refused >> kernel & 1) != 0 || self->n_begun[kernel] >= MAX_UNEXPLAINED;
}

void
psp_vulkan_choices_begin_proof (PspVulkanChoices  *self,
                                PspVulkanKernelId  kernel)
{
  self->n_begun[kernel]++;
  self->known |= 1u << kernel;
}

/* Other shaders may be faster for something else. */
static Header
make_header (const PspVulkanChoices *self)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize checksum_bytes = CHECKSUM_BYTES;
  Header header = { .n_choices = self->choices->len, .refused = self->refused };

  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    for (int precision = 0; precision < 2; precision++)
      {
        const PspVulkanKernel *kernel = psp_vulkan_kernel_get (id);

        g_checksum_update (checksum, (const guint8 *) kernel->code[precision],
                           kernel->code_bytes[precision]);
      }
  g_checksum_get_digest (checksum, header.shaders, &checksum_bytes);
  memcpy (header.n_begun, self->n_begun, sizeof header.n_begun);
  return header;
}

/* Fills @choices with the @n that @content holds; FALSE if one of them cannot be. */
static gboolean
read_choices (const guint8 *content,
              guint32       n,
              Choice       *choices)
{
  if (n > 0)
    memcpy (choices, content, n * sizeof *choices);
  for (guint32 i = 0; i < n; i++)
    if (!psp_vulkan_kernel_convolves (choices[i].kernel) || choices[i].n_parts < 1 ||
        choices[i].n_parts > PSP_VULKAN_MAX_PARTS)
      return FALSE;
  return TRUE;
}

static void
take_over (PspVulkanChoices *self,
           const Header     *header,
           const Choice     *choices)
{
  for (guint32 i = 0; i < header->n_choices; i++)
    if (!is_at (self, find_index (self, &choices[i].class), &choices[i].class))
      psp_vulkan_choices_add (self, &choices[i].class,
                              (PspVulkanChoice) { choices[i].kernel, choices[i].n_parts });
  self->refused = (self->refused & self->known) | (header->refused & ~self->known);
  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    if ((self->known >> id & 1) == 0)
      self->n_begun[id] = header->n_begun[id];
}

gsize
psp_vulkan_choices_read (PspVulkanChoices *self,
                         const guint8     *content,
                         gsize             n_bytes)
{
  Header ours = make_header (self);
  g_autofree Choice *choices = NULL;
  Header header;
  gsize length;

  if (n_bytes < sizeof header)
    return n_bytes;
  memcpy (&header, content, sizeof header);
  length = sizeof header + header.n_choices * sizeof (Choice);
  if (header.n_choices > MAX_CHOICES || length > n_bytes)
    return n_bytes;

  choices = g_new (Choice, header.n_choices);
  if (memcmp (header.shaders, ours.shaders, sizeof ours.shaders) == 0 &&
      read_choices (content + sizeof header, header.n_choices, choices))
    take_over (self, &header, choices);
  return length;
}

void
psp_vulkan_choices_write (const PspVulkanChoices *self,
                          GByteArray             *file)
{
  Header header = make_header (self);

  g_byte_array_append (file, (const guint8 *) &header, sizeof header);
  g_byte_array_append (file, (const guint8 *) self->choices->data,
                       self->choices->len * sizeof (Choice));
}
