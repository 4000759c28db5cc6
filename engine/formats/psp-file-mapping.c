/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file-mapping.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files that are mapped at the same time; more are read. */
#define MAX_MAPPINGS 64

struct _PspFileMapping
{
  char            *path;
  int              descriptor;  /* of our own, to look at the file */
  struct stat      status;      /* when it was opened */
  guint8          *start;
  gsize            n_bytes;
  int              slot;
  gatomicrefcount  ref_count;
};

/* Where a mapping lies. */
typedef struct
{
  guint8 *start;
  gsize   n_bytes;    /* 0: nowhere */
  gint    has_holes;  /* pages of it were gone */
} Slot;

/* What the handler of SIGBUS knows: the system hands it nothing of ours.  The one variable of the
 * engine that outlives a call. */
typedef struct
{
  GMutex           mutex;      /* held to take a slot; the handler does without */
  gsize            installed;
  gsize            page_bytes;
  struct sigaction previous;
  Slot             slots[MAX_MAPPINGS];
} Guard;

static Guard guard;

static Slot *
find_slot (const guint8 *address)
{
  for (int i = 0; i < MAX_MAPPINGS; i++)
    {
      Slot *slot = &guard.slots[i];
      gsize n_bytes = __atomic_load_n (&slot->n_bytes, __ATOMIC_ACQUIRE);

      if (n_bytes > 0 && address >= slot->start && address < slot->start + n_bytes)
        return slot;
    }
  return NULL;
}

/* Puts a page of zeros where one is gone.  A fault that is not ours happens once more, and is then
 * treated as if we were not there. */
static void
handle_bus_error (int        number,
                  siginfo_t *information,
                  void      *context)
{
  guint8 *address = information->si_addr;
  Slot *slot = find_slot (address);

  if (slot == NULL ||
      mmap (address - (gsize) address % guard.page_bytes, guard.page_bytes, PROT_READ,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
    {
      sigaction (SIGBUS, &guard.previous, NULL);
      return;
    }
  __atomic_store_n (&slot->has_holes, TRUE, __ATOMIC_RELEASE);
}

static void
install_handler (void)
{
  struct sigaction action = { .sa_flags = SA_SIGINFO | SA_NODEFER };

  if (!g_once_init_enter (&guard.installed))
    return;
  guard.page_bytes = sysconf (_SC_PAGESIZE);
  action.sa_sigaction = handle_bus_error;
  sigemptyset (&action.sa_mask);
  sigaction (SIGBUS, &action, &guard.previous);
  g_once_init_leave (&guard.installed, TRUE);
}

/* Returns -1 if there is no slot left. */
static int
take_slot (guint8 *start,
           gsize   n_bytes)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&guard.mutex);

  for (int i = 0; i < MAX_MAPPINGS; i++)
    if (guard.slots[i].n_bytes == 0)
      {
        guard.slots[i].start = start;
        guard.slots[i].has_holes = FALSE;
        __atomic_store_n (&guard.slots[i].n_bytes, n_bytes, __ATOMIC_RELEASE);
        return i;
      }
  return -1;
}

PspFileMapping *
psp_file_mapping_new (PspFileReader *file)
{
  g_autoptr(PspFileMapping) self = g_new0 (PspFileMapping, 1);
  void *start;

  g_atomic_ref_count_init (&self->ref_count);
  self->slot = -1;
  self->path = g_strdup (file->path);
  self->descriptor = psp_file_reader_dup_descriptor (file);
  self->status = file->status;
  if (file->n_bytes == 0 || file->n_bytes > G_MAXSSIZE || self->descriptor < 0)
    return NULL;

  start = mmap (NULL, file->n_bytes, PROT_READ, MAP_PRIVATE, self->descriptor, 0);
  if (start == MAP_FAILED)
    return NULL;
  self->start = start;
  self->n_bytes = file->n_bytes;
  (void) madvise (start, self->n_bytes, MADV_WILLNEED);
  install_handler ();
  self->slot = take_slot (self->start, self->n_bytes);
  return self->slot >= 0 ? g_steal_pointer (&self) : NULL;
}

PspFileMapping *
psp_file_mapping_ref (PspFileMapping *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_file_mapping_unref (PspFileMapping *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->slot >= 0)
    __atomic_store_n (&guard.slots[self->slot].n_bytes, 0, __ATOMIC_RELEASE);
  if (self->start != NULL)
    (void) munmap (self->start, self->n_bytes);
  if (self->descriptor >= 0)
    (void) close (self->descriptor);
  g_free (self->path);
  g_free (self);
}

GBytes *
psp_file_mapping_get_bytes (PspFileMapping *self,
                            guint64         offset,
                            gsize           n_bytes)
{
  g_return_val_if_fail (offset <= self->n_bytes && n_bytes <= self->n_bytes - offset, NULL);

  return g_bytes_new_with_free_func (self->start + offset, n_bytes,
                                     (GDestroyNotify) psp_file_mapping_unref,
                                     psp_file_mapping_ref (self));
}

gboolean
psp_file_mapping_check (const PspFileMapping  *self,
                        GError               **error)
{
  gboolean has_holes = __atomic_load_n (&guard.slots[self->slot].has_holes, __ATOMIC_ACQUIRE);
  struct stat status;

  if (fstat (self->descriptor, &status) != 0)
    {
      psp_error_set_errno (error, self->path, "read", errno);
      return FALSE;
    }
  if (has_holes || status.st_size < self->status.st_size)
    g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
                 "%s: the file was cut off while it was in use; open it again once it is whole",
                 self->path);
  else if (status.st_size != self->status.st_size ||
           status.st_mtim.tv_sec != self->status.st_mtim.tv_sec ||
           status.st_mtim.tv_nsec != self->status.st_mtim.tv_nsec)
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                 "%s: the file was changed while it was in use; open it again", self->path);
  else
    return TRUE;
  return FALSE;
}
