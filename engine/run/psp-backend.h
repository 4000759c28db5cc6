/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-channels.h"
#include "engine/core/psp-error.h"
#include "engine/core/psp-geometry.h"
#include "engine/core/psp-progress.h"
#include "engine/core/psp-thread-pool.h"
#include "engine/run/psp-lock.h"

#include <gio/gio.h>

/*
 * A backend is an opened device: memory, and a small table of operations on maps.  The session
 * (psp-session.h) is the only caller; tests compare each operation with a plain loop.
 *
 * Operations are called in their order of dependence.  A backend may run them at once or only
 * record them; psp_backend_finish() waits until all are done.  What a backend records it may be
 * able to run again (psp_backend_begin_recording()).  Calls from several threads are queued;
 * psp_backend_hold() keeps those together that belong together.
 */

/* Weights begin in their buffer at a multiple of this many elements: 256 bytes in 16 bits, the most
 * that a Vulkan device may ask of the place where a binding begins. */
#define PSP_MAP_ALIGNMENT 128

typedef struct _PspBackend PspBackend;
typedef struct _PspBuffer PspBuffer;

/* Operations that can be run again without being called again: on a device with a queue. */
typedef struct _PspRecording PspRecording;

typedef enum
{
  PSP_PRECISION_FP32, /* 32-bit weights and activations */
  PSP_PRECISION_FP16, /* 16-bit weights and activations, logits too; 32-bit accumulation */
} PspPrecision;

/**
 * PspConvolutionMethod:
 * @PSP_CONVOLUTION_AUTOMATIC: what was faster when such a layer was first computed on this machine;
 *   remembered in the user's cache directory, so that later runs give the same bits
 * @PSP_CONVOLUTION_DIRECT: matrix products of the pixels themselves
 * @PSP_CONVOLUTION_WINOGRAD: Winograd's F(4x4, 3x3) wherever it can compute the layer
 *
 * How the CPU backend computes convolutions.  Winograd's rounding errors are larger: 3e-6 of the
 * largest result instead of 3e-7.
 */
typedef enum
{
  PSP_CONVOLUTION_AUTOMATIC,
  PSP_CONVOLUTION_DIRECT,
  PSP_CONVOLUTION_WINOGRAD,
} PspConvolutionMethod;

/**
 * PspBackendOptions:
 * @n_threads: of the host, for what it computes; 0: one for each processor that we may use
 * @background: its own threads give way to other threads, such as one that draws a window
 * @method: (CPU) of convolutions
 * @precision: of weights and activations
 * @cautious: (Vulkan) hand a quarter of the usual work to the device at a time: after a failure
 * @validation: (Vulkan) load the validation layer and turn each of its messages into
 *   %PSP_ERROR_DEVICE at psp_backend_finish(); %PSP_ERROR_NO_DEVICE if the layer is not installed
 */
typedef struct
{
  int                  n_threads;
  gboolean             background;
  PspConvolutionMethod method;
  PspPrecision         precision;
  gboolean             cautious;
  gboolean             validation;
} PspBackendOptions;

/**
 * PspMap:
 * @buffer: where it lies
 * @offset: of its first pixel, in elements, a multiple of %PSP_CHANNEL_ALIGNMENT; of
 *   %PSP_MAP_ALIGNMENT at best
 * @batch: images, 1 or more
 * @height: rows of each image
 * @width: pixels of each row
 * @channels: of this map, before padding
 * @pixel_stride: elements from one pixel to the next, a multiple of %PSP_CHANNEL_ALIGNMENT, at
 *   least @channels rounded up
 *
 * Activations [batch][height][width][channels padded]: element (n, y, x, c) is at
 * offset + ((n height + y) width + x) pixel_stride + c.  An operation that writes a map also writes
 * zeros into the padding of its channels and touches no other channel.
 */
typedef struct
{
  PspBuffer *buffer;
  gsize      offset;
  int        batch;
  int        height;
  int        width;
  int        channels;
  int        pixel_stride;
} PspMap;

/**
 * PspConvolution:
 * @source: the input
 * @destination: the output; height and width are
 *   floor ((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
 * @residual: (nullable): same shape as @destination, added before the ReLU; may be @destination
 *   itself
 * @weights: where [kernel][kernel][source channels padded][destination channels padded] lie, zero
 *   where padded; of the same backend, also what an earlier operation wrote, but no part of
 *   @destination
 * @weights_offset: of the first weight in @weights, in elements, a multiple of %PSP_MAP_ALIGNMENT
 * @bias: [destination channels padded]
 * @kernel: side of the square kernel in taps
 * @stride: pixels from one output to the next
 * @padding: pixels of zeros around the source
 * @dilation: pixels between taps; 1: an ordinary kernel
 * @relu: whether negative results become 0
 * @scratch: (nullable): psp_backend_count_scratch() bytes that the operation may use, which are no
 *   part of all that is named above; without them the backend uses memory of its own
 * @scratch_offset: of the first of them in @scratch, in elements, a multiple of %PSP_MAP_ALIGNMENT
 *
 * destination = relu (source * weights + bias + residual).
 */
typedef struct
{
  PspMap        source;
  PspMap        destination;
  const PspMap *residual;
  PspBuffer    *weights;
  gsize         weights_offset;
  PspBuffer    *bias;
  int           kernel;
  int           stride;
  int           padding;
  int           dilation;
  gboolean      relu;
  PspBuffer    *scratch;
  gsize         scratch_offset;
} PspConvolution;

/* Whether the residual lies where the result goes. */
gboolean psp_convolution_adds_in_place (const PspConvolution *self);

/**
 * PspPooling:
 * @source: the input
 * @destination: the output; floor ((in + 2 padding - kernel) / stride) + 1 on each side, or one
 *   more where that window still begins before the end of the source
 * @kernel: side of the square window in pixels
 * @stride: pixels from one window to the next
 * @padding: pixels around the source that never win, like those beyond
 *
 * Maximum over windows.
 */
typedef struct
{
  PspMap source;
  PspMap destination;
  int    kernel;
  int    stride;
  int    padding;
} PspPooling;

/**
 * PspBinPooling:
 * @source: the input
 * @destination: bins x bins, equal channels: bin i of n over length L covers
 *   floor (i L / n) to ceil ((i + 1) L / n), the end excluded; bins may overlap
 * @maximum: whether a bin is the largest of its pixels, not their mean
 *
 * Adaptive pooling (PyTorch's AdaptiveAvgPool2d and AdaptiveMaxPool2d); sums are kept in 32 bits or
 * more.
 */
typedef struct
{
  PspMap   source;
  PspMap   destination;
  gboolean maximum;
} PspBinPooling;

/**
 * PspResizing:
 * @source: the input
 * @destination: equal channels, any size
 * @align_corners: whether corner pixels map onto corner pixels, as in PyTorch's interpolate()
 *
 * Bilinear.  align_corners: scale = (in - 1) / (out - 1) in fp32 (0 if out is 1),
 * position = scale i.  Otherwise: scale = in / out, position = max (0, scale (i + 0.5) - 0.5).  The
 * second tap is clamped to the edge.
 */
typedef struct
{
  PspMap   source;
  PspMap   destination;
  gboolean align_corners;
} PspResizing;

/**
 * PspClassification:
 * @source: logits; its channels are the classes
 * @destination: rows of the enlarged picture, of the same number of images: channels 0 to
 *   @n_top - 1 are class ids, the greatest logit first, of equal ones the first class; with
 *   @probabilities, @n_top more are what softmax over all classes gives them
 * @full: the size of the picture that @source covers; @destination is at most that wide
 * @first_row: the row of the picture that the first of @destination is
 * @n_top: classes for each pixel, at most as many as there are
 * @probabilities: whether they are wanted; without them there is no exponential to compute
 * @align_corners: of the bilinear enlargement, as in #PspResizing
 *
 * The last step of a network: enlargement, softmax and choice in one pass, in 32 bits.  The
 * enlarged logits are never in memory.  16-bit storage holds class ids up to 2048.
 */
typedef struct
{
  PspMap   source;
  PspMap   destination;
  PspSize  full;
  int      first_row;
  int      n_top;
  gboolean probabilities;
  gboolean align_corners;
} PspClassification;

/**
 * PspCeiling:
 * @product_rate: multiply-accumulates a second of a plain matrix product
 * @product_means: what multiplied, for people: “sgemm of OpenBLAS”
 * @copy_rate: bytes a second, read and written, of a plain copy of memory that no cache holds
 * @copy_means: what copied, for people: “memcpy”
 *
 * What a device reaches by its own best means, with all the threads or cores that operations have.
 */
typedef struct
{
  double      product_rate;
  const char *product_means;
  double      copy_rate;
  const char *copy_means;
} PspCeiling;

/**
 * PspBackendOperations:
 *
 * What a backend implements; keep_weights and count_scratch may be %NULL, and those of recordings
 * all together.
 * Arguments were checked by the functions below, which call from one thread at a time.
 * @cancellable is looked at often enough that an operation ends within 0.5 s of being cancelled.
 */
typedef struct
{
  void       (*free)        (PspBackend            *self);
  PspBuffer *(*buffer_new)  (PspBackend            *self,
                             gsize                  n_elements,
                             const char            *label,
                             GError               **error);
  PspBuffer *(*buffer_wrap) (PspBackend            *self,
                             GBytes                *floats,
                             const char            *label,
                             GError               **error);
  void       (*buffer_free) (PspBuffer             *buffer);
  gboolean   (*upload)      (PspBackend            *self,
                             PspBuffer             *buffer,
                             gsize                  offset,
                             const float           *floats,
                             gsize                  n_elements,
                             GError               **error);
  gboolean   (*download)    (PspBackend            *self,
                             PspBuffer             *buffer,
                             gsize                  offset,
                             float                 *floats,
                             gsize                  n_elements,
                             GError               **error);
  gboolean   (*convolve)    (PspBackend            *self,
                             const PspConvolution  *operation,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*pool)        (PspBackend            *self,
                             const PspPooling      *operation,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*pool_bins)   (PspBackend            *self,
                             const PspBinPooling   *operation,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*resize)      (PspBackend            *self,
                             const PspResizing     *operation,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*classify)    (PspBackend              *self,
                             const PspClassification *operation,
                             GCancellable            *cancellable,
                             GError                 **error);
  void       (*keep_weights)
                            (PspBackend            *self,
                             gsize                  n_bytes);
  gsize      (*count_scratch)
                            (PspBackend            *self,
                             const PspConvolution  *operation);
  PspRecording *(*begin_recording)
                            (PspBackend            *self,
                             GError               **error);
  void       (*end_recording)
                            (PspBackend            *self);
  void       (*recording_free)
                            (PspRecording          *recording);
  gboolean   (*recording_suits)
                            (const PspRecording    *recording);
  gboolean   (*replay)      (PspRecording          *recording,
                             PspProgress            progress,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*measure_ceiling)
                            (PspBackend            *self,
                             PspCeiling            *ceiling,
                             GCancellable          *cancellable,
                             GError               **error);
  gboolean   (*finish)      (PspBackend            *self,
                             GCancellable          *cancellable,
                             GError               **error);
} PspBackendOperations;

/*< protected: for backends; the first member of theirs >*/
struct _PspBackend
{
  const PspBackendOperations *operations;
  char                       *device_id;   /* “cpu”, “vulkan:0” */
  char                       *device_name; /* for people */
  PspPrecision                precision;
  gsize                       max_buffer_elements; /* of psp_backend_buffer_new(); 0: any number */
  gsize                       transfer_bytes; /* see psp_backend_get_transfer_bytes() */
  PspThreadPool              *pool;        /* (nullable): threads of the host; set by whoever
                                              implements the backend, and owned there */
  PspLock                     lock;        /* one thread at a time */
  gatomicrefcount             ref_count;
};

struct _PspBuffer
{
  PspBackend *backend; /* a reference */
  gsize       n_elements;
};

struct _PspRecording
{
  PspBackend *backend;  /* a reference */
  gboolean    complete;
};

/* Fills the first members; @device_id and @device_name are copied. */
void         psp_backend_init            (PspBackend                 *self,
                                          const PspBackendOperations *operations,
                                          const char                 *device_id,
                                          const char                 *device_name,
                                          PspPrecision                precision);
/*< public >*/

PspBackend  *psp_backend_ref             (PspBackend            *self);
void         psp_backend_unref           (PspBackend            *self);

const char  *psp_backend_get_device_id   (const PspBackend      *self);
const char  *psp_backend_get_device_name (const PspBackend      *self);
PspPrecision psp_backend_get_precision   (const PspBackend      *self);

/* “fp32” or “fp16”. */
const char  *psp_precision_get_name      (PspPrecision           precision);

/* Bytes of each number that it stores. */
int          psp_backend_get_element_bytes (const PspBackend    *self);

/**
 * psp_backend_hold:
 * @self: a backend
 * @cancellable: (nullable): ends the waiting for other threads' work
 * @error: %G_IO_ERROR_CANCELLED; never set without @cancellable
 *
 * Keeps other threads away until the holder goes, while operations that belong together are called.
 * May be nested.  Functions below that are called without it wait for other threads' turns to end,
 * however long they are.
 *
 * Returns: the holder, or %NULL with @error set
 */
PspLockHolder *psp_backend_hold          (PspBackend            *self,
                                          GCancellable          *cancellable,
                                          GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_backend_buffer_new:
 * @self: a backend
 * @n_elements: at least 1
 * @label: for messages and debuggers
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): memory on the device, its content undefined, or %NULL with @error set
 */
PspBuffer   *psp_backend_buffer_new      (PspBackend            *self,
                                          gsize                  n_elements,
                                          const char            *label,
                                          GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_backend_buffer_wrap:
 * @self: a backend
 * @floats: float32 values, 64-byte aligned at best; must not change
 * @label: for messages and debuggers
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * A read-only buffer with that content: weights.  The CPU backend keeps a reference instead of a
 * copy.
 *
 * Returns: (transfer full): the buffer, or %NULL with @error set
 */
PspBuffer   *psp_backend_buffer_wrap     (PspBackend            *self,
                                          GBytes                *floats,
                                          const char            *label,
                                          GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* Frees memory on the device; no operation that uses it may be unfinished. */
void         psp_buffer_free             (PspBuffer             *self);

/* Copies @n_elements from the host into @buffer, before any operation that is called later. */
gboolean     psp_backend_upload          (PspBackend            *self,
                                          PspBuffer             *buffer,
                                          gsize                  offset,
                                          const float           *floats,
                                          gsize                  n_elements,
                                          GError               **error);

/* Copies @n_elements from @buffer to the host; psp_backend_finish() comes first. */
gboolean     psp_backend_download        (PspBackend            *self,
                                          PspBuffer             *buffer,
                                          gsize                  offset,
                                          float                 *floats,
                                          gsize                  n_elements,
                                          GError               **error);

/**
 * psp_backend_convolve:
 * @self: a backend
 * @operation: what to compute; shapes that do not fit together are %PSP_ERROR_BAD_SHAPE
 * @cancellable: (nullable): looked at while it runs
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %PSP_ERROR_BAD_SHAPE, %G_IO_ERROR_CANCELLED
 *
 * Runs or records one operation.  The same holds for the four that follow.
 */
gboolean     psp_backend_convolve        (PspBackend            *self,
                                          const PspConvolution  *operation,
                                          GCancellable          *cancellable,
                                          GError               **error);
gboolean     psp_backend_pool            (PspBackend            *self,
                                          const PspPooling      *operation,
                                          GCancellable          *cancellable,
                                          GError               **error);
gboolean     psp_backend_pool_bins       (PspBackend            *self,
                                          const PspBinPooling   *operation,
                                          GCancellable          *cancellable,
                                          GError               **error);
gboolean     psp_backend_resize          (PspBackend            *self,
                                          const PspResizing     *operation,
                                          GCancellable          *cancellable,
                                          GError               **error);
gboolean     psp_backend_classify        (PspBackend              *self,
                                          const PspClassification *operation,
                                          GCancellable            *cancellable,
                                          GError                 **error);

/**
 * psp_backend_run_tasks:
 * @self: a backend
 * @n_tasks: 0 or more
 * @func: called for each, in any order, from several threads at once
 * @data: for @func
 *
 * Work of the host between runs: on the threads of a backend that has some, else one by one on the
 * calling thread.  Returns when all tasks are done.
 */
void         psp_backend_run_tasks       (PspBackend            *self,
                                          int                    n_tasks,
                                          PspTaskFunc            func,
                                          gpointer               data);

/**
 * psp_backend_keep_weights:
 * @self: a backend
 * @n_bytes: 0 at first
 *
 * Lets the backend keep weights from run to run in the form that it computes with, in @n_bytes at
 * most, where it would else make that form in every run: for Winograd's convolutions on the CPU.
 * What is kept beyond is freed.  Results are bit by bit the same.
 */
void         psp_backend_keep_weights    (PspBackend            *self,
                                          gsize                  n_bytes);

/**
 * psp_backend_count_scratch:
 * @self: a backend
 * @operation: a convolution; of its buffers, only whether the residual is the destination counts
 *
 * Returns: bytes of memory that @operation takes at most beside its maps and weights.  Of its own,
 *   which all operations share, the backend keeps the most that one took.
 */
gsize        psp_backend_count_scratch   (PspBackend            *self,
                                          const PspConvolution  *operation);

/* Bytes of memory of its own that the backend takes for psp_backend_upload() and
 * psp_backend_download(), and keeps. */
gsize        psp_backend_get_transfer_bytes (const PspBackend   *self);

/**
 * psp_backend_measure_ceiling:
 * @self: a backend
 * @ceiling: (out): what it reaches, the best of some runs
 * @cancellable: (nullable): looked at while it runs
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Measures the device by plain products in 32 bits, or in the backend's precision where the device
 * has units for that, and by plain copies; not by the operations above, except on Vulkan, where no
 * library multiplies: there the product is the fastest of our own kernels for it.  Takes about a
 * second, and memory of its own: 0.3 to 0.6 GB, and 32 MiB more for each thread beyond 8.
 */
gboolean     psp_backend_measure_ceiling (PspBackend           *self,
                                          PspCeiling           *ceiling,
                                          GCancellable         *cancellable,
                                          GError              **error);

/**
 * psp_backend_finish:
 * @self: a backend
 * @cancellable: (nullable): once cancelled, no further work is handed to the device
 * @error: %PSP_ERROR_DEVICE, %G_IO_ERROR_CANCELLED
 *
 * Waits until every operation called before is done, at most a minute for any part of them.  After
 * an error their results are undefined, and the backend can be used again unless the device was
 * lost; what still runs is waited for before anything that it could disturb.
 */
gboolean     psp_backend_finish          (PspBackend            *self,
                                          GCancellable          *cancellable,
                                          GError               **error);

/**
 * psp_backend_begin_recording:
 * @self: a backend, held by the caller until psp_backend_end_recording()
 * @recording: (out) (transfer full) (nullable): what operations are recorded into as they are
 *   called; %NULL where the backend runs them at once
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * From now on operations are called that shall be run again, and nothing is copied to or from the
 * device.  The buffers that they use must outlive the recording.
 */
gboolean     psp_backend_begin_recording (PspBackend           *self,
                                          PspRecording        **recording,
                                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* After psp_backend_finish().  @complete: whether all of what was recorded succeeded; else it will
 * not be run again. */
void         psp_backend_end_recording   (PspBackend           *self,
                                          PspRecording         *recording,
                                          gboolean              complete);

/* (nullable): waits until the device is done with it. */
void         psp_recording_free          (PspRecording         *self);

/* (nullable): whether running it again is as good as calling its operations again: it is complete,
 * and no part of it was found to keep the device too long. */
gboolean     psp_recording_suits         (const PspRecording   *self);

/**
 * psp_recording_replay:
 * @self: a complete recording
 * @progress: told about the share that was handed to the device
 * @cancellable: (nullable): looked at while it runs
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Does what calling its operations in their order would do; psp_backend_finish() waits for them.
 */
gboolean     psp_recording_replay        (PspRecording         *self,
                                          PspProgress           progress,
                                          GCancellable         *cancellable,
                                          GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspBackend, psp_backend_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspBuffer, psp_buffer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspRecording, psp_recording_free)
