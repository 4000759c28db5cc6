/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-html-private.h"

#include "engine/analysis/psp-overlay.h"
#include "engine/formats/psp-image-file.h"

#define DEFAULT_N_WORST 20
#define THUMBNAIL_SIDE  208
#define OPACITY         0.75

static void
clear_pictures (PspReportPictures *pictures)
{
  g_clear_pointer (&pictures->photo, psp_image_unref);
  g_clear_pointer (&pictures->truth, psp_mask_unref);
  g_clear_pointer (&pictures->prediction, psp_mask_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspReportPictures, clear_pictures)

/* An <img> with @image as a PNG in it. */
static gboolean
append_picture (GString     *page,
                PspImage    *image,
                const char  *description,
                GError     **error)
{
  g_autoptr(PspImage) small = psp_image_scale_to_fit (image, THUMBNAIL_SIDE, error);
  g_autoptr(GBytes) png = small != NULL ? psp_image_encode_png (small, error) : NULL;
  g_autofree char *text = NULL;

  if (png == NULL)
    return FALSE;

  text = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  g_string_append_printf (page, "<img alt=\"%s\" width=\"%d\" height=\"%d\" "
                          "src=\"data:image/png;base64,%s\">", description, small->size.width,
                          small->size.height, text);
  return TRUE;
}

/* The photo under @overlay, as panes show it. */
static PspImage *
draw_overlay (const PspImage    *photo,
              const PspOverlay  *overlay,
              GError           **error)
{
  gsize n_pixels = (gsize) photo->size.width * photo->size.height;
  g_autofree guint32 *pixels = g_try_new (guint32, n_pixels);
  g_autoptr(PspImage) image = psp_image_new (photo->size, error);

  if (image == NULL)
    return NULL;
  if (pixels == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for a picture of %d x %d pixels",
                   photo->size.width, photo->size.height);
      return NULL;
    }

  psp_overlay_render (overlay, photo, OPACITY,
                      (PspRect) { 0, 0, photo->size.width, photo->size.height }, pixels);
  for (gsize i = 0; i < n_pixels; i++)
    {
      image->pixels[3 * i] = pixels[i] >> 16;
      image->pixels[3 * i + 1] = pixels[i] >> 8;
      image->pixels[3 * i + 2] = pixels[i];
    }
  return g_steal_pointer (&image);
}

typedef enum
{
  COLUMN_PHOTO,
  COLUMN_TRUTH,
  COLUMN_PREDICTION,
  COLUMN_ERRORS,
  N_COLUMNS,
} Column;

static const char *
column_get_title (Column column)
{
  static const char * const TITLES[] = { "Photo", "Truth", "Prediction", "Errors" };

  return TITLES[column];
}

/* What a column lays over the photo; of kind NONE, if that is the bare photo or is not known. */
static PspOverlay
column_get_overlay (Column                   column,
                    const PspReportPictures *pictures,
                    const PspTaxonomy       *taxonomy)
{
  const PspMask *labels = column == COLUMN_TRUTH ? pictures->truth : pictures->prediction;
  const PspMask *truth = column == COLUMN_ERRORS ? pictures->truth : NULL;
  PspOverlay overlay = { .kind = PSP_OVERLAY_NONE };

  if (column == COLUMN_PHOTO || labels == NULL || (column == COLUMN_ERRORS && truth == NULL))
    return overlay;

  overlay.kind = column == COLUMN_ERRORS ? PSP_OVERLAY_ERRORS : PSP_OVERLAY_LABELS;
  overlay.labels = labels;
  overlay.truth = truth;
  overlay.taxonomy = taxonomy;
  return overlay;
}

static gboolean
append_column (GString                  *page,
               Column                    column,
               const PspReportPictures  *pictures,
               const PspTaxonomy        *taxonomy,
               GError                  **error)
{
  PspOverlay overlay = column_get_overlay (column, pictures, taxonomy);
  g_autoptr(PspImage) image = NULL;

  if (column == COLUMN_PHOTO)
    return append_picture (page, pictures->photo, column_get_title (column), error);
  if (overlay.kind == PSP_OVERLAY_NONE)
    return TRUE;

  image = draw_overlay (pictures->photo, &overlay, error);
  return image != NULL && append_picture (page, image, column_get_title (column), error);
}

/* Masks that are not of the photo's size cannot be laid over it. */
static void
drop_misfits (PspReportPictures *pictures)
{
  if (pictures->truth != NULL && !psp_size_equal (pictures->truth->size, pictures->photo->size))
    g_clear_pointer (&pictures->truth, psp_mask_unref);
  if (pictures->prediction != NULL &&
      !psp_size_equal (pictures->prediction->size, pictures->photo->size))
    g_clear_pointer (&pictures->prediction, psp_mask_unref);
}

static gboolean
append_worst_row (GString                  *page,
                  const PspReportFacts     *facts,
                  const PspEvaluatedImage  *image,
                  GError                  **error)
{
  g_auto(PspReportPictures) pictures = { 0 };

  g_string_append (page, "<tr><td>");
  psp_report_html_append_text (page, image->stem);
  g_string_append (page, "<br>mIoU ");
  psp_report_html_append_percent (page, image->mean_iou);
  g_string_append (page, "<br>accuracy ");
  psp_report_html_append_percent (page, image->pixel_accuracy);
  g_string_append (page, "</td>");

  if (facts->params->load_pictures != NULL)
    facts->params->load_pictures (image->stem, &pictures, facts->params->load_pictures_data);
  if (pictures.photo != NULL)
    drop_misfits (&pictures);
  for (Column column = 0; pictures.photo != NULL && column < N_COLUMNS; column++)
    {
      g_string_append (page, "<td>");
      if (!append_column (page, column, &pictures, facts->taxonomy, error))
        return FALSE;
      g_string_append (page, "</td>");
    }
  g_string_append (page, "</tr>\n");
  return TRUE;
}

gboolean
psp_report_html_append_worst (GString               *page,
                              const PspReportFacts  *facts,
                              GCancellable          *cancellable,
                              GError               **error)
{
  int n_worst = facts->params->n_worst > 0 ? facts->params->n_worst : DEFAULT_N_WORST;
  g_autoptr(GPtrArray) worst = psp_evaluation_list_worst (facts->evaluation, n_worst);

  g_string_append (page, "<section><h2>Worst images</h2>\n"
                   "<p class=\"dim\">By the mean IoU over the classes that the image has in truth "
                   "or prediction.</p>\n"
                   "<table class=\"worst\"><tr><th>Image</th>");
  for (Column column = 0; facts->params->load_pictures != NULL && column < N_COLUMNS; column++)
    g_string_append_printf (page, "<th>%s</th>", column_get_title (column));
  g_string_append (page, "</tr>\n");

  for (guint i = 0; i < worst->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !append_worst_row (page, facts, worst->pdata[i], error))
      return FALSE;
  g_string_append (page, "</table></section>\n");
  return TRUE;
}
