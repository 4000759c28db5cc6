/* SPDX-License-Identifier: MIT */

#include "ui/psp-job.h"

#include <math.h>

/* Reports from a thread count in thousandths, so that an atomic integer holds them. */
#define STEPS 1000

/* Seconds of work before the time left is worth guessing. */
#define SECONDS_BEFORE_GUESS 1.0

struct _PspJob
{
  GObject       parent_instance;

  GCancellable *cancellable;
  char         *title;
  char         *text;
  double        fraction;
  gint64        start_time; /* microseconds, monotonic */
  int           reported;   /* atomic: the latest report, in STEPS */
  int           scheduled;  /* atomic: whether the main thread was asked to look */
};

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_FRACTION,
  PROP_TEXT,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspJob, psp_job, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
psp_job_get_property (GObject    *object,
                      guint       id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  PspJob *self = PSP_JOB (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;

    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;

    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_job_finalize (GObject *object)
{
  PspJob *self = PSP_JOB (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->text, g_free);

  G_OBJECT_CLASS (psp_job_parent_class)->finalize (object);
}

static void
psp_job_class_init (PspJobClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_job_get_property;
  object_class->finalize = psp_job_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
psp_job_init (PspJob *self)
{
  self->cancellable = g_cancellable_new ();
  self->text = g_strdup ("");
  self->fraction = -1;
  self->start_time = g_get_monotonic_time ();
}

PspJob *
psp_job_new (const char *title)
{
  PspJob *self = g_object_new (PSP_TYPE_JOB, NULL);

  self->title = g_strdup (title);
  return self;
}

const char *
psp_job_get_title (PspJob *self)
{
  g_return_val_if_fail (PSP_IS_JOB (self), NULL);

  return self->title;
}

double
psp_job_get_fraction (PspJob *self)
{
  g_return_val_if_fail (PSP_IS_JOB (self), -1);

  return self->fraction;
}

const char *
psp_job_get_text (PspJob *self)
{
  g_return_val_if_fail (PSP_IS_JOB (self), NULL);

  return self->text;
}

GCancellable *
psp_job_get_cancellable (PspJob *self)
{
  g_return_val_if_fail (PSP_IS_JOB (self), NULL);

  return self->cancellable;
}

char *
psp_job_format_duration (double seconds)
{
  if (seconds < 99.5)
    return g_strdup_printf ("%.0f s", fmax (1, seconds));
  if (seconds < 99.5 * 60)
    return g_strdup_printf ("%.0f min", seconds / 60);

  return g_strdup_printf ("%.0f h", seconds / 3600);
}

static char *
guess_text (PspJob *self,
            double  fraction)
{
  double elapsed = (double) (g_get_monotonic_time () - self->start_time) / G_USEC_PER_SEC;
  g_autofree char *duration = NULL;

  if (fraction <= 0)
    return g_strdup ("");
  if (elapsed < SECONDS_BEFORE_GUESS)
    return g_strdup_printf ("%.0f %%", 100 * fraction);

  duration = psp_job_format_duration (elapsed * (1 - fraction) / fraction);
  return g_strdup_printf ("%.0f %%, %s left", 100 * fraction, duration);
}

void
psp_job_set_progress (PspJob     *self,
                      double      fraction,
                      const char *text)
{
  g_autofree char *guess = NULL;

  g_return_if_fail (PSP_IS_JOB (self));

  if (text == NULL)
    text = guess = guess_text (self, fraction);

  if (self->fraction != fraction)
    {
      self->fraction = fraction;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
    }
  if (g_strcmp0 (self->text, text) != 0)
    {
      g_free (self->text);
      self->text = g_strdup (text);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
    }
}

static gboolean
take_report (gpointer data)
{
  PspJob *self = data;

  g_atomic_int_set (&self->scheduled, FALSE);
  psp_job_set_progress (self, (double) g_atomic_int_get (&self->reported) / STEPS, NULL);
  return G_SOURCE_REMOVE;
}

static void
report (double   fraction,
        gpointer data)
{
  PspJob *self = data;

  g_atomic_int_set (&self->reported, (int) lrint (CLAMP (fraction, 0, 1) * STEPS));
  if (g_atomic_int_compare_and_exchange (&self->scheduled, FALSE, TRUE))
    g_idle_add_full (G_PRIORITY_DEFAULT, take_report, g_object_ref (self), g_object_unref);
}

PspProgress
psp_job_get_progress (PspJob *self)
{
  return (PspProgress) { .func = report, .data = self };
}
