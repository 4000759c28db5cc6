/* SPDX-License-Identifier: MIT */
/*
 * Tells ThreadSanitizer in which order GLib lets things happen; preloaded by tests/tsan/run.
 *
 * GLib is not instrumented, and its locks are futexes: nothing that they order is seen.  Each of
 * these functions stands before GLib's of the same name, calls it, and says what it orders.  They
 * are reached by whatever calls GLib: the program, its tests, GObject and GIO.  What GLib calls
 * within itself goes past them, which is why callbacks are wrapped where they are handed over.
 *
 * Containers are told as one memory access each, since what GLib writes into them is not seen
 * either.  It is not compiled for ThreadSanitizer itself: its own memory is nobody's business.
 */
#include <gio/gio.h>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdlib.h>

/* What compilers call for each access. */
void __tsan_read8       (void *address);
void __tsan_write8      (void *address);
void __tsan_write_range (void *address, gsize n_bytes);

/* What is allocated between these counts as written by nobody: it stays within GLib, where another
 * thread frees it under a lock that is not seen. */
void AnnotateIgnoreWritesBegin (const char *file, int line);
void AnnotateIgnoreWritesEnd   (const char *file, int line);

/* A program without them that a test starts, such as a shell, must start as well. */
#pragma weak AnnotateIgnoreWritesBegin
#pragma weak AnnotateIgnoreWritesEnd
#pragma weak __tsan_acquire
#pragma weak __tsan_mutex_destroy
#pragma weak __tsan_mutex_post_lock
#pragma weak __tsan_mutex_post_unlock
#pragma weak __tsan_mutex_pre_lock
#pragma weak __tsan_mutex_pre_unlock
#pragma weak __tsan_read8
#pragma weak __tsan_release
#pragma weak __tsan_write8
#pragma weak __tsan_write_range
#pragma weak g_idle_funcs

/* GLib's own @name; looked for once. */
static gpointer
find (gpointer   *cache,
      const char *name)
{
  gpointer found = g_atomic_pointer_get (cache);

  if (found == NULL)
    {
      found = dlsym (RTLD_NEXT, name);
      g_atomic_pointer_set (cache, found);
    }
  return found;
}

/* Locks. */

void
g_mutex_lock (GMutex *mutex)
{
  static gpointer cache;
  void (*lock) (GMutex *) = find (&cache, "g_mutex_lock");

  __tsan_mutex_pre_lock (mutex, 0);
  lock (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  static gpointer cache;
  gboolean (*trylock) (GMutex *) = find (&cache, "g_mutex_trylock");
  gboolean locked;

  __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
  locked = trylock (mutex);
  __tsan_mutex_post_lock (mutex, locked ? __tsan_mutex_try_lock
                                        : __tsan_mutex_try_lock_failed, 0);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  static gpointer cache;
  void (*unlock) (GMutex *) = find (&cache, "g_mutex_unlock");

  __tsan_mutex_pre_unlock (mutex, 0);
  unlock (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

void
g_mutex_clear (GMutex *mutex)
{
  static gpointer cache;
  void (*clear) (GMutex *) = find (&cache, "g_mutex_clear");

  __tsan_mutex_destroy (mutex, 0);
  clear (mutex);
}

/* A wait lets the lock go and takes it again; conditions order nothing beyond that. */
void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  static gpointer cache;
  void (*wait) (GCond *, GMutex *) = find (&cache, "g_cond_wait");

  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  wait (cond, mutex);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_cond_wait_until (GCond  *cond,
                   GMutex *mutex,
                   gint64  end_us)
{
  static gpointer cache;
  gboolean (*wait) (GCond *, GMutex *, gint64) = find (&cache, "g_cond_wait_until");
  gboolean signalled;

  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  signalled = wait (cond, mutex, end_us);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
  return signalled;
}

/* What is made once, as types are. */

gboolean
(g_once_init_enter) (volatile void *location)
{
  static gpointer cache;
  gboolean (*enter) (volatile void *) = find (&cache, "g_once_init_enter");
  gboolean first = enter (location);

  if (!first)
    __tsan_acquire ((void *) location);
  return first;
}

void
(g_once_init_leave) (volatile void *location,
                     gsize          result)
{
  static gpointer cache;
  void (*leave) (volatile void *, gsize) = find (&cache, "g_once_init_leave");

  __tsan_release ((void *) location);
  leave (location, result);
}

const char *
g_get_user_cache_dir (void)
{
  static gpointer cache;
  const char *(*get) (void) = find (&cache, "g_get_user_cache_dir");
  const char *path = get ();

  __tsan_acquire ((void *) path);
  __tsan_release ((void *) path);
  return path;
}

/* References: whoever drops the last one comes after all others. */

gboolean
(g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  static gpointer cache;
  gboolean (*decrease) (gatomicrefcount *) = find (&cache, "g_atomic_ref_count_dec");
  gboolean last;

  __tsan_release (count);
  last = decrease (count);
  if (last)
    __tsan_acquire (count);
  return last;
}

/* Drops a reference unless it is the last one, before which all others are known to come.  That is
 * what GObject does with all but toggle references, which nobody here has. */
void
(g_object_unref) (gpointer object)
{
  static gpointer cache;
  void (*unref) (gpointer) = find (&cache, "g_object_unref");
  volatile int *count = (volatile int *) &((GObject *) object)->ref_count;
  int before = g_atomic_int_get (count);

  __tsan_release (object);
  while (before > 1)
    {
      if (g_atomic_int_compare_and_exchange (count, before, before - 1))
        return;
      before = g_atomic_int_get (count);
    }
  __tsan_acquire (object);
  unref (object);
}

/* Where the count is not to be seen, each comes after those before; when two drop theirs at the
 * same moment, one of them is missed: suppressions.txt. */
static void
drop (gpointer   *cache,
      const char *name,
      gpointer    object)
{
  void (*unref) (gpointer) = find (cache, name);

  __tsan_acquire (object);
  __tsan_release (object);
  unref (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  static gpointer cache;

  drop (&cache, "g_bytes_unref", bytes);
}

void
g_ptr_array_unref (GPtrArray *array)
{
  static gpointer cache;

  drop (&cache, "g_ptr_array_unref", array);
}

void
(g_array_unref) (GArray *array)
{
  static gpointer cache;

  drop (&cache, "g_array_unref", array);
}

void
g_hash_table_unref (GHashTable *table)
{
  static gpointer cache;

  drop (&cache, "g_hash_table_unref", table);
}

void
g_atomic_rc_box_release_full (gpointer       box,
                              GDestroyNotify clear)
{
  static gpointer cache;
  void (*release) (gpointer, GDestroyNotify) = find (&cache, "g_atomic_rc_box_release_full");

  __tsan_acquire (box);
  __tsan_release (box);
  release (box, clear);
}

/* Cancelling comes before whoever sees it. */

void
g_cancellable_cancel (GCancellable *cancellable)
{
  static gpointer cache;
  void (*cancel) (GCancellable *) = find (&cache, "g_cancellable_cancel");

  if (cancellable != NULL)
    __tsan_release (cancellable);
  cancel (cancellable);
}

gboolean
g_cancellable_is_cancelled (GCancellable *cancellable)
{
  static gpointer cache;
  gboolean (*is_cancelled) (GCancellable *) = find (&cache, "g_cancellable_is_cancelled");
  gboolean cancelled = is_cancelled (cancellable);

  if (cancelled)
    __tsan_acquire (cancellable);
  return cancelled;
}

gboolean
g_cancellable_set_error_if_cancelled (GCancellable  *cancellable,
                                      GError       **error)
{
  static gpointer cache;
  gboolean (*check) (GCancellable *, GError **) =
    find (&cache, "g_cancellable_set_error_if_cancelled");
  gboolean cancelled = check (cancellable, error);

  if (cancelled)
    __tsan_acquire (cancellable);
  return cancelled;
}

/* What a main loop calls comes after it was handed over, in whatever thread. */

typedef struct
{
  GSourceFunc    func;
  gpointer       data;
  GDestroyNotify notify; /* (nullable) */
} Callback;

static Callback *
wrap (GSourceFunc    func,
      gpointer       data,
      GDestroyNotify notify)
{
  Callback *self = malloc (sizeof *self);

  *self = (Callback) { func, data, notify };
  __tsan_release (self);
  return self;
}

static gboolean
call (gpointer data)
{
  Callback *self = data;
  gboolean again;

  __tsan_acquire (self);
  again = self->func (self->data);
  __tsan_release (self);
  return again;
}

static void
forget (gpointer data)
{
  Callback *self = data;

  __tsan_acquire (self);
  if (self->notify != NULL)
    self->notify (self->data);
  free (self);
}

guint
g_idle_add_full (int            priority,
                 GSourceFunc    func,
                 gpointer       data,
                 GDestroyNotify notify)
{
  static gpointer cache;
  guint (*add) (int, GSourceFunc, gpointer, GDestroyNotify) = find (&cache, "g_idle_add_full");
  Callback *callback = wrap (func, data, notify);
  guint id;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  id = add (priority, call, callback, forget);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return id;
}

GSource *
g_idle_source_new (void)
{
  static gpointer cache;
  GSource *(*make) (void) = find (&cache, "g_idle_source_new");
  GSource *source;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  source = make ();
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return source;
}

guint
g_source_attach (GSource      *source,
                 GMainContext *context)
{
  static gpointer cache;
  guint (*attach) (GSource *, GMainContext *) = find (&cache, "g_source_attach");
  guint id;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  id = attach (source, context);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return id;
}

void
(g_source_set_name) (GSource    *source,
                     const char *name)
{
  static gpointer cache;
  void (*set) (GSource *, const char *) = find (&cache, "g_source_set_name");

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  set (source, name);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
}

/* Of idle sources alone, as GTask's are: the callbacks of others may take other arguments. */
void
g_source_set_callback (GSource        *source,
                       GSourceFunc     func,
                       gpointer        data,
                       GDestroyNotify  notify)
{
  static gpointer cache;
  void (*set) (GSource *, GSourceFunc, gpointer, GDestroyNotify) =
    find (&cache, "g_source_set_callback");
  gboolean idle = source->source_funcs == &g_idle_funcs;
  gpointer callback = idle ? wrap (func, data, notify) : data;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  set (source, idle ? call : func, callback, idle ? forget : notify);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
}

/* Pools of threads: a task comes after it was pushed, and before the end of its pool. */

typedef struct
{
  GFunc    func;
  gpointer data;
} Pool;

static void
work (gpointer task,
      gpointer data)
{
  Pool *pool = data;

  __tsan_acquire (task);
  pool->func (task, pool->data);
  __tsan_release (pool);
}

GThreadPool *
g_thread_pool_new (GFunc      func,
                   gpointer   data,
                   int        max_threads,
                   gboolean   exclusive,
                   GError   **error)
{
  static gpointer cache;
  GThreadPool *(*make) (GFunc, gpointer, int, gboolean, GError **) =
    find (&cache, "g_thread_pool_new");
  Pool *pool = malloc (sizeof *pool);

  *pool = (Pool) { func, data };
  return make (work, pool, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool  *self,
                    gpointer      task,
                    GError      **error)
{
  static gpointer cache;
  gboolean (*push) (GThreadPool *, gpointer, GError **) = find (&cache, "g_thread_pool_push");
  gboolean pushed;

  __tsan_release (task);
  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  pushed = push (self, task, error);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return pushed;
}

gboolean
g_thread_pool_move_to_front (GThreadPool *self,
                             gpointer     task)
{
  static gpointer cache;
  gboolean (*move) (GThreadPool *, gpointer) = find (&cache, "g_thread_pool_move_to_front");
  gboolean moved;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  moved = move (self, task);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  return moved;
}

void
g_thread_pool_free (GThreadPool *self,
                    gboolean     immediate,
                    gboolean     wait)
{
  static gpointer cache;
  void (*end) (GThreadPool *, gboolean, gboolean) = find (&cache, "g_thread_pool_free");
  Pool *pool = self->user_data;

  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  end (self, immediate, wait);
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  if (wait)
    __tsan_acquire (pool);
}

/* Containers: read or written as a whole. */

void
g_ptr_array_add (GPtrArray *array,
                 gpointer   element)
{
  static gpointer cache;
  void (*add) (GPtrArray *, gpointer) = find (&cache, "g_ptr_array_add");

  __tsan_write_range (array, sizeof *array);
  add (array, element);
}

gboolean
g_hash_table_insert (GHashTable *table,
                     gpointer    key,
                     gpointer    value)
{
  static gpointer cache;
  gboolean (*insert) (GHashTable *, gpointer, gpointer) = find (&cache, "g_hash_table_insert");

  __tsan_write8 (table);
  return insert (table, key, value);
}

gboolean
g_hash_table_add (GHashTable *table,
                  gpointer    key)
{
  static gpointer cache;
  gboolean (*add) (GHashTable *, gpointer) = find (&cache, "g_hash_table_add");

  __tsan_write8 (table);
  return add (table, key);
}

gboolean
g_hash_table_remove (GHashTable    *table,
                     gconstpointer  key)
{
  static gpointer cache;
  gboolean (*erase) (GHashTable *, gconstpointer) = find (&cache, "g_hash_table_remove");

  __tsan_write8 (table);
  return erase (table, key);
}

gpointer
g_hash_table_lookup (GHashTable    *table,
                     gconstpointer  key)
{
  static gpointer cache;
  gpointer (*lookup) (GHashTable *, gconstpointer) = find (&cache, "g_hash_table_lookup");

  __tsan_read8 (table);
  return lookup (table, key);
}

gboolean
g_hash_table_contains (GHashTable    *table,
                       gconstpointer  key)
{
  static gpointer cache;
  gboolean (*contains) (GHashTable *, gconstpointer) = find (&cache, "g_hash_table_contains");

  __tsan_read8 (table);
  return contains (table, key);
}

/* Libraries stay: ThreadSanitizer ends a program that closes one which a suppression names. */
int
dlclose (void *library)
{
  return 0;
}
